#pragma once

#include <cstdlib>
#include <string>

namespace clipcls {

/// The value of an environment variable; empty where it is not set.
inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace clipcls
