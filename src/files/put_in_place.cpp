// Every output is written under a name beside its own and then renamed, which the system does in one step.
// This file knows how, on file systems that lack the newer kinds of rename as well.
#include "files/put_in_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "files/file_descriptor.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNameBytes = 255;

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

fs::path tidy_path(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

int flush_folder_of(const fs::path& path) {
  return flush_to_disk(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

fs::path name_beside(const fs::path& target, const char* mark, bool is_hidden) {
  for (int i = 0;; ++i) {
    std::string ending = std::string(".") + mark + "-" + std::to_string(getpid());
    if (i > 0) ending += "-" + std::to_string(i);
    const std::string dot = is_hidden ? "." : "";
    std::string name = target.filename().string();
    // A target's name may have all 255 bytes already.
    name.resize(std::min(name.size(), kMaxNameBytes - dot.size() - ending.size()));
    fs::path path = target.parent_path() / fmt::format("{}{}{}", dot, name, ending);
    if (!is_there(path)) return path;
  }
}

int rename_replacing(const fs::path& partial, const fs::path& target) {
  if (rename(partial.c_str(), target.c_str()) != 0) return errno;
  // The name is given by then: where its folder cannot be flushed, that is no reason to call it a failure.
  static_cast<void>(flush_folder_of(target));
  return 0;
}

int rename_without_replacing(const fs::path& source, const fs::path& target) {
  if (renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (!is_unsupported(errno)) return errno;
  // A file system without that flag (network shares): a second name, then the first one goes. Where it has no
  // second names either (FAT), or for folders, the look before the move is all there is.
  if (link(source.c_str(), target.c_str()) == 0) return unlink(source.c_str()) == 0 ? 0 : errno;
  // link() says EPERM for a folder even where the target exists, so the target is looked for.
  if (errno == EEXIST || is_there(target)) return EEXIST;
  return rename(source.c_str(), target.c_str()) == 0 ? 0 : errno;
}

int exchange_names(const fs::path& first, const fs::path& second, const fs::path& aside) {
  if (renameat2(AT_FDCWD, first.c_str(), AT_FDCWD, second.c_str(), RENAME_EXCHANGE) == 0) return 0;
  if (!is_unsupported(errno)) return errno;
  // A file system that cannot exchange names: for a moment nothing has the second name. Where the second step
  // fails, the first is taken back.
  if (rename(second.c_str(), aside.c_str()) != 0) return errno;
  if (rename(first.c_str(), second.c_str()) != 0) {
    const int error = errno;
    static_cast<void>(rename(aside.c_str(), second.c_str()));
    return error;
  }
  return rename(aside.c_str(), first.c_str()) == 0 ? 0 : errno;
}

void copy_mode(const fs::path& target, int descriptor) {
  struct stat status = {};
  if (stat(target.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  // The owner first: to change it takes set-user-ID bits away.
  mode_t mode = status.st_mode & 07777U;
  if (fchown(descriptor, status.st_uid, status.st_gid) != 0) mode &= 0777U;
  static_cast<void>(fchmod(descriptor, mode));
}

}  // namespace clipcls
