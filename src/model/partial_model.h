#pragma once

#include <filesystem>

#include "files/partial_path.h"

namespace clipcls {

/// A model, a folder or a .pt file, that is made under another name beside its own, ".NAME.partial-PID", and
/// gone unless it is committed. A symbolic link as its own name stands for what it points to.
class PartialModel {
 public:
  /// `output` must not exist unless `replaces`; then it must be what require_replaceable() lets pass. Throws
  /// Error (kInvalidArgument) where it is not so, and Error (kOutput) where nothing can be made beside it.
  /// The folders above it are made, the model itself is not.
  PartialModel(const std::filesystem::path& output, bool replaces);

  /// Where it is to be made.
  const std::filesystem::path& path() const { return partial_.path(); }

  /// Gives it its name when it is on the disk. What had the name is whole until then: both change places, and
  /// the old one is removed behind that. Throws Error (kOutput, kInvalidArgument); what was there then stays.
  void commit();

 private:
  std::filesystem::path output_;
  PartialPath partial_;
  bool replaces_;
};

/// Throws Error (kInvalidArgument), which names what it holds, unless `output` is a model that may be lost: a
/// folder of nothing but what a model is made of here or published as, a .pt archive, something empty, or
/// nothing.
void require_replaceable(const std::filesystem::path& output);

}  // namespace clipcls
