#include "files/follow_links.h"

#include <iterator>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as many as the kernel follows

/// /proc/PID/fd, however it is written.
bool is_folder_of_descriptors(const fs::path& folder) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  return !error && real.filename() == "fd" && *std::next(real.begin()) == "proc";
}

}  // namespace

FollowedLinks follow_links(const fs::path& name) {
  fs::path path = name;
  std::error_code error;
  for (int i = 0; i < kMaxLinks; ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) return {path};
    const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
    // /dev/stdout leads here. The link's target is the name that the open file once had, or "pipe:[123]";
    // only the link itself reaches the file.
    if (is_folder_of_descriptors(folder)) return {path, true};
    // Step by step and not by canonical(), which fails where the last target does not exist yet.
    path = target.is_absolute() ? target : folder / target;
  }
  throw Error(ErrorKind::kOutput, name.string() + ": its symbolic links lead in a circle");
}

}  // namespace clipcls
