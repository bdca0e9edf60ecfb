#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace clipcls {

/// What a zip file's directory claims of one of its records. None of it has been compared with the record.
struct ZipRecord {
  std::string_view name;
  std::uint32_t checksum = 0;         // CRC-32 of the content
  std::uint64_t compressed_size = 0;  // bytes that it takes in the file
  std::uint64_t size = 0;             // bytes of the content
  bool is_compressed = false;
};

/// The part of a zip file that says what is in it: its last bytes but for the end records. Formats:
/// APPNOTE.TXT 4.3 and 4.5.3, the zip format's specification, with and without 64-bit sizes. Nothing where
/// the file is none, is cut off, or has the directory anywhere else (another reader might then find another
/// one).
std::optional<std::string_view> find_zip_directory(std::span<const std::byte> file);

/// The records of a directory in its order. Their names lie in `directory`. Nothing where it is malformed.
std::optional<std::vector<ZipRecord>> read_zip_records(std::string_view directory);

}  // namespace clipcls
