#pragma once

#include <filesystem>
#include <string>

namespace clipcls {

/// The file's SHA-256 as 64 lower-case hexadecimal digits. Throws Error (kFetch) when it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace clipcls
