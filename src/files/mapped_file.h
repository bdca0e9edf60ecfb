#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "clipcls/error.h"

namespace clipcls {

/// A file's bytes as memory, read when they are looked at.
class MappedFile {
 public:
  /// kWrite: the pages are private to the process, and what is written into them never reaches the file. They
  /// count as memory that the process may need.
  enum class Access { kRead, kWrite };

  /// Throws Error (`kind`), which does not name the file, when it cannot be read.
  MappedFile(const std::filesystem::path& path, Access access, ErrorKind kind);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile(MappedFile&&) = delete;
  MappedFile& operator=(MappedFile&&) = delete;

  /// To be written into only with kWrite.
  std::span<std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  /// Its pages are read from the first to the last, and each once.
  void expect_one_pass() const;

  /// Gives the memory of those pages back that lie wholly in `bytes`, a part of bytes(): nobody reads it any
  /// more.
  static void discard(std::span<std::byte> bytes);

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace clipcls
