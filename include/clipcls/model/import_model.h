#pragma once

#include <filesystem>
#include <string>

namespace clipcls {

enum class StoredPrecision { kFloat32, kFloat16 };

struct ImportOptions {
  std::filesystem::path config;
  StoredPrecision precision = StoredPrecision::kFloat32;
  std::string name;
  std::string source;
  std::string license;
};

}  // namespace clipcls
