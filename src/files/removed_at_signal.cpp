// A signal's handler may neither lock nor allocate: the paths stand in a list of fixed length, each ready to
// be removed by a few calls of the system.
#include "files/removed_at_signal.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <utility>

namespace clipcls {

struct RemovedAtSignal::Path {
  std::string path;
  bool is_known = false;  ///< whether the two below say which file it is
  dev_t device = 0;
  ino_t inode = 0;
};

namespace {

// Far more than are written at once. What finds no place stays behind.
constexpr std::size_t kMaxPaths = 64;
constexpr int kMaxRounds = 10;

std::array<std::atomic<const RemovedAtSignal::Path*>, kMaxPaths> paths = {};  // lock-free

void remove_folder(const char* path) {
  const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  // Other threads run on, and may make one more file.
  for (int round = 0; round < kMaxRounds && rmdir(path) != 0; ++round) {
    lseek(folder, 0, SEEK_SET);
    alignas(dirent64) std::array<char, 4096> bytes;
    ssize_t size = 0;
    while ((size = getdents64(folder, bytes.data(), bytes.size())) > 0) {
      for (ssize_t at = 0; at < size;) {
        const auto* const entry = reinterpret_cast<const dirent64*>(bytes.data() + at);
        unlinkat(folder, entry->d_name, 0);
        at += entry->d_reclen;
      }
    }
  }
}

void remove_path(const RemovedAtSignal::Path& path) {
  struct stat found = {};
  if (lstat(path.path.c_str(), &found) != 0) return;
  if (path.is_known && (found.st_dev != path.device || found.st_ino != path.inode)) return;
  if (S_ISDIR(found.st_mode)) return remove_folder(path.path.c_str());
  unlink(path.path.c_str());
}

void end_without_remains(int signal) {
  // Several threads may come here at once; the first one removes, and ends the others.
  static std::atomic_flag is_ending;  // lock-free
  while (is_ending.test_and_set()) pause();
  for (auto& place : paths) {
    // Taken out, so that its owner does not free it meanwhile.
    if (const RemovedAtSignal::Path* const path = place.exchange(nullptr)) remove_path(*path);
  }
  std::signal(signal, SIG_DFL);
  raise(signal);  // it comes when this returns
}

}  // namespace

RemovedAtSignal::RemovedAtSignal(const std::filesystem::path& path)
    : RemovedAtSignal(std::make_unique<Path>(Path{.path = std::filesystem::absolute(path)})) {}

RemovedAtSignal::RemovedAtSignal(const std::filesystem::path& path, const struct stat& made)
    : RemovedAtSignal(std::make_unique<Path>(
          Path{std::filesystem::absolute(path), /*is_known=*/true, made.st_dev, made.st_ino})) {}

RemovedAtSignal::RemovedAtSignal(std::unique_ptr<Path> path) : path_(std::move(path)) {
  for (; place_ < kMaxPaths; ++place_) {
    const Path* nothing = nullptr;
    if (paths[place_].compare_exchange_strong(nothing, path_.get())) return;
  }
}

RemovedAtSignal::~RemovedAtSignal() {
  if (place_ == kMaxPaths) return;
  // A handler that has taken it still reads it; the program ends anyway.
  if (paths[place_].exchange(nullptr) == nullptr) static_cast<void>(path_.release());
}

void end_by_signals_without_remains() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = &end_without_remains;
    // No second one in the middle: it would wait for the first for ever.
    sigfillset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace clipcls
