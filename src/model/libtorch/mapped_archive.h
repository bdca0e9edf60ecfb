#pragma once

#include <ATen/core/ivalue.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/storage_context.h>

#include <filesystem>
#include <memory>
#include <string>

#include "files/mapped_file.h"

namespace clipcls {

/// A zip file as torch.save and TorchScript write it, mapped into memory: storages are used where they lie in
/// the file, without a copy. Sizes that the file claims are checked before memory is taken for them. Throws
/// Error (kModel) or c10::Error.
class MappedArchive {
 public:
  explicit MappedArchive(const std::filesystem::path& path);

  caffe2::serialize::PyTorchStreamReader& reader() { return reader_; }

  /// The bytes of a small record: source code, a pickle.
  std::string text(const std::string& record);

  /// The bytes of a record as the memory of a tensor. They lie in the file's private pages, unless somebody
  /// packed the archive anew: compressed, or where a number's address would not be a multiple of 64.
  c10::Storage storage(const std::string& record);

  /// Every record of `folder` ("data/", "constants/") by its name there.
  std::shared_ptr<torch::jit::DeserializationStorageContext> storages(const std::string& folder);

 private:
  bool is_usable_in_place(const std::string& record, std::size_t offset, std::size_t size);

  std::shared_ptr<MappedFile> file_;
  caffe2::serialize::PyTorchStreamReader reader_;
};

}  // namespace clipcls
