#include "pipeline/path_pattern.h"

#include <fnmatch.h>

namespace clipcls {

bool matches_path_pattern(std::string_view pattern, const std::string& path, bool is_folder) {
  if (pattern.size() > 1 && pattern.ends_with('/')) {
    if (!is_folder) return false;
    pattern.remove_suffix(1);
  }
  const bool is_of_path = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  const std::string name = path.substr(path.rfind('/') + 1);
  return fnmatch(std::string(pattern).c_str(), (is_of_path ? path : name).c_str(), FNM_PATHNAME) == 0;
}

}  // namespace clipcls
