// A copy that may replace its original, so that it has to be as good: all bytes, on the disk, with
// attributes, permissions and dates. Every doubt is an error that leaves the original where it is.
#include "copy_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "files/file_lock.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::string_view kAccessList = "system.posix_acl_access";

[[noreturn]] void fail(const fs::path& path, const std::string& what, int error) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + what + ": " + std::strerror(error));
}

/// For people the copy has no name yet, but a place.
[[noreturn]] void fail_copy(const fs::path& source, const fs::path& copy, const std::string& what,
                            int error) {
  fail(source, "stays: its copy in " + copy.parent_path().string() + " " + what, error);
}

struct stat status_of(const FileDescriptor& file, const fs::path& path) {
  struct stat status {};
  if (fstat(file.number(), &status) != 0) fail(path, "cannot be read", errno);
  return status;
}

void copy_bytes(int from, int to, const fs::path& source, const fs::path& copy) {
  // The file system may share the blocks of both; one that cannot, or says too early that the end is reached,
  // leaves the rest to the second loop.
  for (;;) {
    const ssize_t num_copied = copy_file_range(from, nullptr, to, nullptr, std::size_t{1} << 30U, 0);
    if (num_copied == 0) break;
    if (num_copied > 0 || errno == EINTR) continue;
    // EXDEV: kernels before 5.3 do not copy from one file system to another.
    if (!is_unsupported(errno) && errno != EXDEV && errno != EPERM)
      fail_copy(source, copy, "cannot be written", errno);
    break;
  }
  std::string block(kBlockBytes, '\0');
  for (;;) {
    const ssize_t size = read_some(from, block);
    if (size == 0) return;
    if (size < 0) fail(source, "cannot be read", errno);
    const int error = write_all(to, std::string_view(block).substr(0, static_cast<std::size_t>(size)));
    if (error != 0) fail_copy(source, copy, "cannot be written", error);
  }
}

/// The names of what an owner gives a file; what the system keeps for itself it keeps of the copy.
std::vector<std::string> attribute_names(int descriptor) {
  std::vector<std::string> names;
  // Asked for its size first, as there is no bound on a list of attributes.
  const ssize_t room = flistxattr(descriptor, nullptr, 0);
  if (room <= 0) return names;
  std::string list(static_cast<std::size_t>(room), '\0');
  const ssize_t size = flistxattr(descriptor, list.data(), list.size());
  list.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  for (std::size_t begin = 0; begin < list.size(); begin = list.find('\0', begin) + 1) {
    std::string name = list.c_str() + begin;
    if (name.starts_with("user.") || name == kAccessList) names.push_back(std::move(name));
  }
  return names;
}

bool copy_attributes(int from, int to) {
  bool are_kept = true;
  for (const std::string& name : attribute_names(from)) {
    const ssize_t size = fgetxattr(from, name.c_str(), nullptr, 0);
    std::string value(size < 0 ? 0 : static_cast<std::size_t>(size), '\0');
    const bool is_kept = size >= 0 && fgetxattr(from, name.c_str(), value.data(), value.size()) == size &&
                         fsetxattr(to, name.c_str(), value.data(), value.size(), 0) == 0;
    // An access list that says no more than the permissions do is lost without a loss.
    are_kept = are_kept && (is_kept || name == kAccessList);
  }
  return are_kept;
}

void copy_owner_permissions_and_times(const FileDescriptor& to, const struct stat& status,
                                      const fs::path& source, const fs::path& copy, bool keeps_owner) {
  // Only root may give a file away.
  const bool has_owner =
      keeps_owner && geteuid() == 0 && fchown(to.number(), status.st_uid, status.st_gid) == 0;
  const mode_t mode = status.st_mode & (has_owner ? 07777U : 0777U);
  // FAT has no permissions, and says EPERM.
  if (fchmod(to.number(), mode) != 0 && errno != EPERM && !is_unsupported(errno))
    fail_copy(source, copy, "cannot be given its permissions", errno);
  // Last, since all that is written before would change the date.
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  if (futimens(to.number(), times.data()) != 0) fail_copy(source, copy, "cannot be given its date", errno);
}

bool is_same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

[[noreturn]] void fail_since_another_run_copies(const fs::path& source, const fs::path& copy) {
  throw Error(ErrorKind::kOutput,
              source.string() + ": stays: another clipcls is copying it to " + copy.parent_path().string());
}

FileDescriptor make_locked(const fs::path& source, const fs::path& copy) {
  // 0600 until it is whole and has the original's permissions: what is private stays so.
  FileDescriptor to = open_file(copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!to.is_open() && errno == EEXIST) fail_since_another_run_copies(source, copy);
  if (!to.is_open()) fail_copy(source, copy, "cannot be written", errno);
  // Before it had the lock, another run may have taken it for abandoned and removed it.
  if (!try_lock(to.number()) || !is_same_file(to.number(), copy)) fail_since_another_run_copies(source, copy);
  return to;
}

bool copy_open_file(const fs::path& source, const FileDescriptor& from, const fs::path& copy,
                    const FileDescriptor& to, bool keeps_owner) {
  const struct stat before = status_of(from, source);
  copy_bytes(from.number(), to.number(), source, copy);
  const bool keeps_attributes = copy_attributes(from.number(), to.number());
  copy_owner_permissions_and_times(to, before, source, copy, keeps_owner);
  // On the disk before anybody removes the original.
  const int flush_error = flush_to_disk(to.number());
  if (flush_error != 0) fail_copy(source, copy, "cannot be written", flush_error);
  // A camera or an editor may still be writing the file.
  if (!is_same_content(before, status_of(from, source)))
    throw Error(ErrorKind::kOutput, source.string() + ": was changed while it was copied, and stays");
  // A last look at what the copy has, whatever the calls before have said.
  const off_t size = status_of(to, copy).st_size;
  if (size != before.st_size) {
    throw Error(ErrorKind::kOutput, source.string() + ": stays: of its " + std::to_string(before.st_size) +
                                        " bytes the copy has " + std::to_string(size));
  }
  return keeps_attributes;
}

}  // namespace

int remove_abandoned_copy(const fs::path& copy) {
  const FileDescriptor left = open_file(copy, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  // ELOOP: a symbolic link is nobody's copy.
  if (!left.is_open() && errno != ELOOP) return errno;
  if (left.is_open() && (!try_lock(left.number()) || !is_same_file(left.number(), copy))) return EWOULDBLOCK;
  return unlink(copy.c_str()) == 0 ? 0 : errno;
}

WholeCopy copy_file_whole(const fs::path& source, const fs::path& copy, bool keeps_owner) {
  const FileDescriptor from = open_for_reading(source);
  if (!from.is_open()) fail(source, "cannot be read", errno);
  if (!S_ISREG(status_of(from, source).st_mode))
    throw Error(ErrorKind::kOutput, source.string() + ": is not an ordinary file, and stays");
  // What an interrupted run left has the same name, and is no part of this copy.
  const int problem = remove_abandoned_copy(copy);
  if (problem == EWOULDBLOCK) fail_since_another_run_copies(source, copy);
  if (problem != 0 && problem != ENOENT) fail_copy(source, copy, "cannot be begun", problem);
  FileDescriptor to = make_locked(source, copy);
  // The lock stays when `to` is closed, which may be when a network share says that its disk is full.
  WholeCopy whole = {.lock = FileDescriptor(fcntl(to.number(), F_DUPFD_CLOEXEC, 0))};
  try {
    if (!whole.lock.is_open()) fail_copy(source, copy, "cannot be locked", errno);
    whole.keeps_attributes = copy_open_file(source, from, copy, to, keeps_owner);
    if (const int error = to.close(); error != 0) fail_copy(source, copy, "cannot be written", error);
    return whole;
  } catch (const Error&) {
    unlink(copy.c_str());
    throw;
  }
}

}  // namespace clipcls
