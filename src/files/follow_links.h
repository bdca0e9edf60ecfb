#pragma once

#include <filesystem>

namespace clipcls {

struct FollowedLinks {
  std::filesystem::path path;
  bool is_descriptor = false;  ///< /dev/stdout, /dev/fd/N: what such a link names is open already
};

/// The file at the end of the symbolic links that `name` may be, whether it is there or not. Throws Error
/// (kOutput) where they lead in a circle.
FollowedLinks follow_links(const std::filesystem::path& name);

}  // namespace clipcls
