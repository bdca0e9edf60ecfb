#include "place_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what, int error) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + what + ": " + std::strerror(error));
}

void flush_to_disk(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_flushed = descriptor >= 0 && fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  // Some file systems cannot flush a folder, and say so.
  if (!is_flushed && error != EINVAL && error != ENOTSUP) fail(path, "cannot be written to the disk", error);
}

/// False when `target` exists.
bool rename_without_replacing(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) fail(source, "cannot become " + target.string(), errno);
  // A file system without that flag (network shares): a second name, then the first one goes. Where it has no
  // second names either (FAT), the look before the move is all there is.
  if (link(source.c_str(), target.c_str()) == 0) {
    remove_file(source);
    return true;
  }
  if (errno == EEXIST || is_taken(target)) return false;
  if (rename(source.c_str(), target.c_str()) == 0) return true;
  fail(source, "cannot become " + target.string(), errno);
}

void copy_times(const std::filesystem::path& source, const std::filesystem::path& target) {
  struct stat status {};
  if (stat(source.c_str(), &status) != 0) fail(source, "cannot be read", errno);
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  if (utimensat(AT_FDCWD, target.c_str(), times.data(), 0) != 0)
    fail(target, "cannot be given its date", errno);
}

bool copy_whole(const std::filesystem::path& source, const std::filesystem::path& target) {
  const std::filesystem::path partial = partial_copy_path(source, target);
  std::error_code error;
  std::filesystem::copy_file(source, partial, std::filesystem::copy_options::overwrite_existing, error);
  try {
    if (error) fail(source, "cannot be copied to " + target.string(), error.value());
    copy_times(source, partial);
    flush_to_disk(partial);
    if (rename_without_replacing(partial, target)) {
      flush_to_disk(target.parent_path());
      return true;
    }
  } catch (const Error&) {
    std::filesystem::remove(partial, error);
    throw;
  }
  remove_file(partial);
  return false;
}

bool is_on_other_file_system(const std::filesystem::path& source, const std::filesystem::path& folder) {
  struct stat a {};
  struct stat b {};
  return lstat(source.c_str(), &a) == 0 && stat(folder.c_str(), &b) == 0 && a.st_dev != b.st_dev;
}

bool move_file(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (!is_on_other_file_system(source, target.parent_path())) return rename_without_replacing(source, target);
  if (!copy_whole(source, target)) return false;
  remove_file(source);
  return true;
}

bool make_hard_link(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno == EXDEV) {
    throw Error(ErrorKind::kOutput, source.string() + ": " + target.parent_path().string() +
                                        " is on another file system, which a hard link cannot reach; use "
                                        "--symlink or --copy");
  }
  fail(source, "cannot be linked to " + target.string(), errno);
}

bool make_symbolic_link(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (symlink(source.c_str(), target.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  fail(source, "cannot be linked to " + target.string(), errno);
}

}  // namespace

std::filesystem::path partial_copy_path(const std::filesystem::path& source,
                                        const std::filesystem::path& target) {
  // Of a fixed length, since a name of 255 bytes has no room for a prefix.
  const std::size_t hash = std::hash<std::string>{}(source.string() + '\n' + target.string());
  return target.parent_path() / (".clipcls-partial-" + std::to_string(hash));
}

bool place_file(const JournalStep& step) {
  switch (step.action) {
    case JournalAction::kMakeFolder:
      break;
    case JournalAction::kCopy:
      return copy_whole(step.source, step.target);
    case JournalAction::kMove:
      return move_file(step.source, step.target);
    case JournalAction::kHardLink:
      return make_hard_link(step.source, step.target);
    case JournalAction::kSymbolicLink:
      return make_symbolic_link(step.source, step.target);
  }
  throw Error(ErrorKind::kOutput, step.target.string() + ": a folder is no file to be placed");
}

void remove_file(const std::filesystem::path& path) {
  if (unlink(path.c_str()) != 0) fail(path, "cannot be removed", errno);
}

bool has_equal_bytes(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error_a;
  std::error_code error_b;
  const auto size_a = std::filesystem::file_size(a, error_a);
  const auto size_b = std::filesystem::file_size(b, error_b);
  if (error_a || error_b || size_a != size_b) return false;
  std::ifstream stream_a(a, std::ios::binary);
  std::ifstream stream_b(b, std::ios::binary);
  std::array<char, 65536> block_a{};
  std::array<char, 65536> block_b{};
  while (stream_a && stream_b) {
    stream_a.read(block_a.data(), block_a.size());
    stream_b.read(block_b.data(), block_b.size());
    if (stream_a.gcount() != stream_b.gcount()) return false;
    if (!std::equal(block_a.begin(), block_a.begin() + stream_a.gcount(), block_b.begin())) return false;
  }
  return stream_a.eof() && stream_b.eof();
}

bool is_taken(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::symlink_status(path, ignored).type() != std::filesystem::file_type::not_found;
}

}  // namespace clipcls
