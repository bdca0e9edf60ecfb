#include "unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include "clipcls/error.h"
#include "files/file_lock.h"

namespace clipcls {
namespace {

constexpr int kBacklog = 128;
// How long a server that starts waits for one that may be there already.
constexpr std::chrono::seconds kMaxKnock(2);

[[noreturn]] void refuse_path(const std::filesystem::path& path, const std::string& problem) {
  throw Error(ErrorKind::kInvalidArgument, path.string() + ": " + problem);
}

std::string last_reason() { return std::system_category().message(errno); }

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  // The last byte stays zero.
  if (text.size() >= sizeof(address.sun_path)) {
    refuse_path(path, fmt::format("has {} bytes, and a socket's path has at most {}", text.size(),
                                  sizeof(address.sun_path) - 1));
  }
  text.copy(address.sun_path, text.size());
  return address;
}

FileDescriptor new_socket(const std::filesystem::path& path) {
  FileDescriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.is_open()) refuse_path(path, "cannot be used: " + last_reason());
  return made;
}

/// Servers that start at once would take each other's socket for one that was left over. One at a time, then:
/// the lock of the folder, as long as the descriptor is open. A lock that somebody holds for longer is not a
/// server's.
FileDescriptor wait_for_folder(const std::filesystem::path& folder) {
  FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return opened;  // bind() says why
  const auto end = std::chrono::steady_clock::now() + 2 * kMaxKnock;
  while (!try_lock(opened.number()) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return opened;
}

/// Takes a socket away that nobody listens to.
void remove_left_over(const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return;
  if (!S_ISSOCK(found.st_mode)) refuse_path(path, "is there already, and is not a socket; give another name");
  if (connect_to_socket(path, kMaxKnock).is_open())
    refuse_path(path, "a server listens there already; give another name");
  ::unlink(path.c_str());
}

}  // namespace

UnixSocketFile::UnixSocketFile(const std::filesystem::path& path) : path_(std::filesystem::absolute(path)) {
  const sockaddr_un address = address_of(path_);
  const FileDescriptor lock = wait_for_folder(path_.parent_path());
  remove_left_over(path_);
  listening_ = new_socket(path_);
  // Nobody else may connect, from the first moment on.
  const mode_t mask = ::umask(S_IRWXG | S_IRWXO | S_IXUSR);
  const int bound = ::bind(listening_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int reason = errno;
  ::umask(mask);
  errno = reason;
  if (bound != 0 && errno == ENOENT) refuse_path(path_, "its folder does not exist");
  if (bound != 0 || ::listen(listening_.number(), kBacklog) != 0)
    refuse_path(path_, "cannot listen: " + last_reason());
  struct stat made {};
  if (::lstat(path_.c_str(), &made) == 0) {
    device_ = made.st_dev;
    inode_ = made.st_ino;
    at_signal_.emplace(path_, made);
  }
}

UnixSocketFile::~UnixSocketFile() {
  struct stat found {};
  if (::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_)
    ::unlink(path_.c_str());
}

FileDescriptor connect_to_socket(const std::filesystem::path& path, std::chrono::seconds max_wait) {
  const sockaddr_un address = address_of(path);
  FileDescriptor connection = new_socket(path);
  // A server that is stopped takes no connections, and when its queue is full, connect() waits, too.
  const timeval limit = {max_wait.count(), 0};
  ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  int result = 0;
  do {
    result = ::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (result != 0 && errno == EINTR);
  if (result == 0) return connection;
  const int reason = errno;
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) refuse_path(path, "is not a socket");
  if (reason == ENOENT || reason == ECONNREFUSED) return {};
  if (reason == EAGAIN) refuse_path(path, "the server there does not answer");
  refuse_path(path, "cannot be connected to: " + std::system_category().message(reason));
}

}  // namespace clipcls
