#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace clipcls {

/// The name that stands for one image's bytes on standard input.
inline constexpr const char* kStdinName = "-";

/// The paths of a list, one a line (or, with `is_nul_separated`, one before each NUL byte), in order; empty
/// ones are skipped. Paths are bytes: no encoding is assumed.
std::vector<std::string> read_path_list(std::istream& list, bool is_nul_separated);

/// All bytes of an image file, or of standard input when `path` is "-".
/// Throws Error (kNotFound, kUnreadable) without naming the path: the caller's row does.
std::vector<std::uint8_t> read_image_bytes(const std::string& path);

}  // namespace clipcls
