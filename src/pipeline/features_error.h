#pragma once

#include <filesystem>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// Throws Error (kFeatures): "PATH: message".
[[noreturn]] inline void fail(const std::filesystem::path& path, const std::string& message) {
  throw Error(ErrorKind::kFeatures, path.string() + ": " + message);
}

}  // namespace clipcls
