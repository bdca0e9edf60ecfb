#include "tensor_checksums.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/content_hash.h"
#include "clipcls/error.h"
#include "files/mapped_file.h"

namespace clipcls {

std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t checksum) {
  return static_cast<std::uint32_t>(
      crc32_z(checksum, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string checksum_key(const std::string& tensor) { return "crc32." + tensor; }

std::string checksum_text(std::uint32_t checksum) { return fmt::format("{:08x}", checksum); }

std::optional<std::string> tensors_fingerprint(const std::filesystem::path& file) {
  const MappedFile mapped(file, MappedFile::Access::kRead, ErrorKind::kModel);
  try {
    const Safetensors stored = parse_safetensors(mapped.bytes());
    const bool has_checksums = std::ranges::all_of(stored.tensors, [&](const auto& tensor) {
      return stored.metadata.contains(checksum_key(tensor.first));
    });
    if (!has_checksums) return std::nullopt;
    ContentHash hash;
    hash.add_text(stored.header);
    return hash.hex_digest();
  } catch (const Error&) {
    return std::nullopt;  // it is no such file
  }
}

ChecksumCheck check_tensor_checksums(const std::filesystem::path& file) {
  const MappedFile mapped(file, MappedFile::Access::kRead, ErrorKind::kModel);
  mapped.expect_one_pass();
  const Safetensors stored = parse_safetensors(mapped.bytes());
  ChecksumCheck check;
  for (const auto& [name, tensor] : stored.tensors) {
    ++check.num_all;
    const auto expected = stored.metadata.find(checksum_key(name));
    const std::string actual = checksum_text(crc32_of(tensor.bytes));
    if (expected != stored.metadata.end() && expected->second == actual) {
      ++check.num_equal;
    } else if (check.first_difference.empty()) {
      const std::string found = expected == stored.metadata.end() ? "none" : expected->second.substr(0, 20);
      check.first_difference = fmt::format("tensor {} has the checksum {}, and the header has {}",
                                           name.substr(0, 100), actual, found);
    }
  }
  return check;
}

}  // namespace clipcls
