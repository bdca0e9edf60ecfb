#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// What no list, table or configuration comes near: a device, or a picture of a disk, that was taken for one.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30U;

/// Reads `descriptor` to its end: 0, or the errno; EFBIG where more than `max_bytes` follow.
int read_to_end(int descriptor, std::string& bytes, std::size_t max_bytes = kMaxFileBytes);

/// What went wrong in reading, in words: "no such file", "is a folder", "cannot be read: …".
std::string read_problem(int error);

/// All bytes of an ordinary file, or of one that a symbolic link leads to. Throws Error (`kind`) that names
/// it: there is no such file, it is a folder, a pipe or a device, it may not be read, or it has more than
/// `max_bytes`. `remedy`, where given, ends the message.
std::string read_file(const std::filesystem::path& path, ErrorKind kind, const std::string& remedy = "",
                      std::size_t max_bytes = kMaxFileBytes);

}  // namespace clipcls
