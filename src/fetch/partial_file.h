#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "files/file_descriptor.h"

namespace clipcls {

/// The file that a download grows in: DESTINATION.partial, and beside it DESTINATION.origin, which says what
/// its bytes are of: the address, and the entity tag or date that the server gave for them. Both outlive the
/// process, so that a later run resumes where this one ended. Every function throws Error (kOutput) when the
/// disk does not do its part.
class PartialFile {
 public:
  /// Bytes that are there already are kept where they are of `url`, or `can_verify`: a checksum will tell
  /// whether they fit. A whole file at `destination` is taken for a partial one: the server says whether it
  /// still is whole.
  PartialFile(std::filesystem::path destination, std::string url, bool can_verify);

  std::uint64_t size() const { return size_; }
  /// For If-Range; empty: the server gave none.
  const std::string& validator() const { return validator_; }

  /// Drops what is there; the bytes that follow are of this validator.
  void restart(const std::string& validator);
  void append(std::span<const char> bytes);
  const std::filesystem::path& path() const { return partial_; }

  /// All bytes are on the disk when it returns.
  void close();
  /// Puts the file under its name; its origin stays beside it.
  void commit();
  /// Deletes it and its origin.
  void remove();

 private:
  void open(int flags);
  [[noreturn]] void fail(const std::string& problem, int error) const;

  std::filesystem::path destination_;
  std::filesystem::path partial_;
  std::filesystem::path origin_;
  std::string url_;
  std::string validator_;
  std::uint64_t size_ = 0;
  FileDescriptor file_;
};

}  // namespace clipcls
