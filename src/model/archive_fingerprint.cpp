#include "clipcls/model/archive_fingerprint.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "clipcls/content_hash.h"

namespace clipcls {
namespace {

// Sizes and offsets of APPNOTE.TXT, the zip format's specification.
constexpr std::uint64_t kEndRecordSize = 22;
constexpr std::uint64_t kMaxComment = 0xFFFF;
constexpr std::uint64_t kZip64LocatorSize = 20;
constexpr std::uint64_t kZip64EndRecordSize = 56;
constexpr std::uint64_t kEntrySize = 46;
constexpr std::uint64_t kMaxDirectory = 64 << 20;  // a ViT-L's has 60 KB

/// The number in `size` bytes at `offset`, least significant first; the caller has checked the bounds.
std::uint64_t number_at(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  std::uint64_t number = 0;
  for (std::uint64_t i = size; i-- > 0;)
    number = number << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(offset + i)]);
  return number;
}

std::optional<std::string> read_at(std::ifstream& file, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Where the directory lies, by the records at the end of the file.
std::optional<Directory> find_directory(std::ifstream& file, std::uint64_t file_size) {
  const std::uint64_t tail_size = std::min(file_size, kZip64LocatorSize + kEndRecordSize + kMaxComment);
  const auto tail = read_at(file, file_size - tail_size, tail_size);
  if (!tail || tail_size < kEndRecordSize) return std::nullopt;
  const std::size_t end = tail->rfind("PK\5\6");
  if (end == std::string::npos || tail_size - end < kEndRecordSize) return std::nullopt;
  // torch always writes the 64-bit records as well, and they count where they are.
  if (end >= kZip64LocatorSize && tail->compare(end - kZip64LocatorSize, 4, "PK\6\7") == 0) {
    const std::uint64_t offset = number_at(*tail, end - kZip64LocatorSize + 8, 8);
    if (file_size < kZip64EndRecordSize || offset > file_size - kZip64EndRecordSize) return std::nullopt;
    const auto record = read_at(file, offset, kZip64EndRecordSize);
    if (!record || !record->starts_with("PK\6\6")) return std::nullopt;
    return Directory{number_at(*record, 48, 8), number_at(*record, 40, 8)};
  }
  return Directory{number_at(*tail, end + 16, 4), number_at(*tail, end + 12, 4)};
}

/// Whether `directory` is a sequence of entries that all have a checksum.
bool has_checksums(std::string_view directory) {
  std::uint64_t offset = 0;
  while (offset < directory.size()) {
    if (directory.size() - offset < kEntrySize) return false;
    const std::string_view entry = directory.substr(static_cast<std::size_t>(offset));
    if (!entry.starts_with("PK\1\2")) return false;
    // A checksum of zero is what a writer leaves that computes none (and one content in four billion).
    if (number_at(entry, 16, 4) == 0 && number_at(entry, 24, 4) != 0) return false;
    offset += kEntrySize + number_at(entry, 28, 2) + number_at(entry, 30, 2) + number_at(entry, 32, 2);
  }
  return offset == directory.size() && !directory.empty();
}

}  // namespace

std::optional<std::string> archive_fingerprint(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return std::nullopt;  // a pipe would wait for its writer
  const std::uint64_t file_size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return std::nullopt;
  const auto directory = find_directory(file, file_size);
  if (!directory || directory->size > std::min(file_size, kMaxDirectory) ||
      directory->offset > file_size - directory->size)
    return std::nullopt;
  const auto bytes = read_at(file, directory->offset, directory->size);
  if (!bytes || !has_checksums(*bytes)) return std::nullopt;
  ContentHash hash;
  hash.add_number(file_size);
  hash.add_text(*bytes);
  return hash.hex_digest();
}

}  // namespace clipcls
