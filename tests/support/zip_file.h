#pragma once

#include <cstdint>
#include <string>

namespace clipcls {

inline std::string little_endian(std::uint64_t value, int num_bytes) {
  std::string bytes;
  for (int i = 0; i < num_bytes; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

/// One entry of a zip file's directory; deflated where a compressed size is given.
inline std::string directory_entry(const std::string& name, std::uint32_t checksum, std::uint32_t size,
                                   std::uint32_t compressed_size = 0, const std::string& extra = {}) {
  const bool is_compressed = compressed_size != 0;
  std::string entry = "PK\1\2";
  entry.append(6, '\0').append(little_endian(is_compressed ? 8 : 0, 2)).append(4, '\0');
  entry += little_endian(checksum, 4) + little_endian(is_compressed ? compressed_size : size, 4) +
           little_endian(size, 4) + little_endian(name.size(), 2) + little_endian(extra.size(), 2);
  return entry.append(14, '\0') + name + extra;
}

/// A zip file with that directory, as Python writes it, or with the 64-bit records that torch adds.
inline std::string zip_file(const std::string& records, const std::string& directory, bool is_zip64 = false) {
  std::string end;
  if (is_zip64) {
    end = "PK\6\6" + little_endian(44, 8) + std::string(28, '\0') + little_endian(directory.size(), 8) +
          little_endian(records.size(), 8);
    end += "PK\6\7" + little_endian(0, 4) + little_endian(records.size() + directory.size(), 8) +
           little_endian(1, 4);
  }
  return records + directory + end + "PK\5\6" + std::string(8, '\0') +
         little_endian(is_zip64 ? 0xFFFFFFFF : directory.size(), 4) +
         little_endian(is_zip64 ? 0xFFFFFFFF : records.size(), 4) + little_endian(0, 2);
}

}  // namespace clipcls
