#include "zip_directory.h"

#include <algorithm>

namespace clipcls {
namespace {

// Sizes and places are those of PKWARE's APPNOTE.TXT: end record 4.3.16, ZIP64 locator 4.3.15 and end record
// 4.3.14, directory entry 4.3.12, ZIP64 extra field 4.5.3.
constexpr std::uint64_t kEndRecordSize = 22;
constexpr std::uint64_t kMaxComment = 0xFFFF;
constexpr std::uint64_t kZip64LocatorSize = 20;
constexpr std::uint64_t kZip64EndRecordSize = 56;
constexpr std::uint64_t kEntrySize = 46;
constexpr std::uint64_t kMaxDirectory = 64 << 20;  // a ViT-L's has 60 KB
constexpr std::uint64_t kZip64Field = 1;
constexpr std::uint64_t kSeeZip64Field = 0xFFFFFFFF;

std::string_view part(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  return bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

/// The number in `size` bytes at `offset`, least significant first; the caller has checked the bounds.
std::uint64_t number_at(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  std::uint64_t number = 0;
  for (std::uint64_t i = size; i-- > 0;)
    number = number << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(offset + i)]);
  return number;
}

/// Puts the 64-bit numbers of an entry's extra fields in place of those that 32 bits do not hold.
bool read_zip64_sizes(std::string_view extra, ZipRecord& record) {
  while (extra.size() >= 4) {
    const std::uint64_t field = number_at(extra, 0, 2);
    const std::uint64_t size = number_at(extra, 2, 2);
    if (size > extra.size() - 4) return false;
    std::string_view values = part(extra, 4, size);
    extra.remove_prefix(static_cast<std::size_t>(4 + size));
    if (field != kZip64Field) continue;
    // In this order, and only those whose 32 bits are all ones.
    for (std::uint64_t* number : {&record.size, &record.compressed_size}) {
      if (*number != kSeeZip64Field) continue;
      if (values.size() < 8) return false;
      *number = number_at(values, 0, 8);
      values.remove_prefix(8);
    }
    return true;
  }
  return true;
}

}  // namespace

std::optional<std::string_view> find_zip_directory(std::span<const std::byte> file) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  const std::uint64_t tail_size = std::min<std::uint64_t>(bytes.size(), kEndRecordSize + kMaxComment);
  // The end record is searched from the file's end, since a comment of up to 65,535 bytes may follow it.
  std::size_t end = part(bytes, bytes.size() - tail_size, tail_size).rfind("PK\5\6");
  if (end == std::string_view::npos) return std::nullopt;
  end += static_cast<std::size_t>(bytes.size() - tail_size);
  if (bytes.size() - end < kEndRecordSize) return std::nullopt;
  std::uint64_t size = number_at(bytes, end + 12, 4);
  std::uint64_t offset = number_at(bytes, end + 16, 4);
  std::uint64_t end_of_directory = end;
  // torch always writes the 64-bit records as well, and they count where they are.
  if (end >= kZip64LocatorSize && part(bytes, end - kZip64LocatorSize, 4) == "PK\6\7") {
    end_of_directory = number_at(bytes, end - kZip64LocatorSize + 8, 8);
    if (bytes.size() < kZip64EndRecordSize || end_of_directory > bytes.size() - kZip64EndRecordSize ||
        part(bytes, end_of_directory, 4) != "PK\6\6")
      return std::nullopt;
    size = number_at(bytes, end_of_directory + 40, 8);
    offset = number_at(bytes, end_of_directory + 48, 8);
  }
  // The directory must end where its end record begins. Files with bytes in between are legal, and nothing
  // that torch writes.
  if (size > std::min(end_of_directory, kMaxDirectory) || offset != end_of_directory - size)
    return std::nullopt;
  return part(bytes, offset, size);
}

std::optional<std::vector<ZipRecord>> read_zip_records(std::string_view directory) {
  std::vector<ZipRecord> records;
  while (!directory.empty()) {
    if (directory.size() < kEntrySize || !directory.starts_with("PK\1\2")) return std::nullopt;
    const std::uint64_t name_size = number_at(directory, 28, 2);
    const std::uint64_t extra_size = number_at(directory, 30, 2);
    const std::uint64_t entry_size = kEntrySize + name_size + extra_size + number_at(directory, 32, 2);
    if (entry_size > directory.size()) return std::nullopt;
    ZipRecord record;
    record.name = part(directory, kEntrySize, name_size);
    record.is_compressed = number_at(directory, 10, 2) != 0;
    record.checksum = static_cast<std::uint32_t>(number_at(directory, 16, 4));
    record.compressed_size = number_at(directory, 20, 4);
    record.size = number_at(directory, 24, 4);
    if (!read_zip64_sizes(part(directory, kEntrySize + name_size, extra_size), record)) return std::nullopt;
    records.push_back(record);
    directory.remove_prefix(static_cast<std::size_t>(entry_size));
  }
  return records;
}

}  // namespace clipcls
