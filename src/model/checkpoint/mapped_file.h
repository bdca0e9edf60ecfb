#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace clipcls {

/// A file's bytes as memory. The pages are private to the process: what is written into them never reaches
/// the file.
class MappedFile {
 public:
  /// Throws Error (kModel), which does not name the file, when it cannot be read.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile(MappedFile&&) = delete;
  MappedFile& operator=(MappedFile&&) = delete;

  std::span<std::byte> bytes() const { return {data_, size_}; }

  /// Gives the memory of those pages back that lie wholly in `bytes`, a part of bytes(): nobody reads it any
  /// more.
  static void discard(std::span<std::byte> bytes);

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace clipcls
