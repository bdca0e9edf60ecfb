#include "model/archive_fingerprint.h"

#include <algorithm>

#include "base/content_hash.h"
#include "clipcls/error.h"
#include "files/mapped_file.h"
#include "zip_directory.h"

namespace clipcls {
namespace {

/// Whether the directory has records and a checksum for each.
bool has_checksums(std::string_view directory) {
  const auto records = read_zip_records(directory);
  // A checksum of zero is what a writer leaves that computes none (and one content in four billion).
  return records && !records->empty() && std::ranges::all_of(*records, [](const ZipRecord& record) {
           return record.checksum != 0 || record.size == 0;
         });
}

// The directory at a zip file's end has the size and CRC-32 of every record: a few KB of it stand for
// hundreds of MB of weights, at each start of the program.
std::optional<std::string> fingerprint(std::span<const std::byte> file) {
  const auto directory = find_zip_directory(file);
  if (!directory || !has_checksums(*directory)) return std::nullopt;
  ContentHash hash;
  hash.add_number(file.size());
  hash.add_text(*directory);
  return hash.hex_digest();
}

}  // namespace

std::optional<std::string> archive_fingerprint(const std::filesystem::path& file) {
  const MappedFile mapped(file, MappedFile::Access::kRead, ErrorKind::kModel);
  return fingerprint(mapped.bytes());
}

}  // namespace clipcls
