#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "safetensors.h"

namespace clipcls {

// A safetensors file of a model folder has a CRC-32 of each tensor's bytes in its __metadata__, as 8
// hexadecimal digits under "crc32.NAME". So its header stands for its contents.

/// The CRC-32 of `bytes`, and of what `checksum` is of before them.
std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t checksum = 0);

/// The key of a tensor's checksum, and the checksum as it stands there.
std::string checksum_key(const std::string& tensor);
std::string checksum_text(std::uint32_t checksum);

/// A checksum of the file's contents that costs no more than reading its header: 32 hexadecimal digits; the
/// file's own name, place and times do not go into it. Nothing where the file is none, or a tensor has no
/// checksum. Never throws on what the file holds; Error (kModel) without the file's name where it cannot be
/// read.
std::optional<std::string> tensors_fingerprint(const std::filesystem::path& file);

/// What reading every tensor of a file says of its checksums.
struct ChecksumCheck {
  std::size_t num_equal = 0;
  std::size_t num_all = 0;
  std::string first_difference;  ///< the tensor, what it should have and what it has; empty: all are equal
};

/// Throws Error (kModel) without the file's name where it cannot be read.
ChecksumCheck check_tensor_checksums(const std::filesystem::path& file);

}  // namespace clipcls
