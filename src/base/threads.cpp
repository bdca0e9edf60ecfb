#include "base/threads.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {

struct ThreadFindings {
  std::atomic<bool> is_short = false;
  std::atomic<std::size_t> num_spare = std::numeric_limits<std::size_t>::max();
  std::mutex mutex;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> usable;  // by `wanted` and `max_team`
};

namespace {

// What loads the image encoder, counts images, draws progress, watches signals, keeps OpenMP's threads
// asleep, and two to spare.
constexpr std::size_t kNumOthers = 7;
// Where so many can be started there is no limit that matters.
constexpr std::size_t kMaxTried = 8192;
constexpr std::size_t kMaxThreads = 2048;

ThreadFindings own_findings;
ThreadFindings* findings = &own_findings;

std::size_t num_cores() { return std::max(1U, std::thread::hardware_concurrency()); }

/// With encoders: the workers, the threads that one encoder adds to each or all of them, and those that the
/// text encoder has left to the caller.
std::size_t num_needed(std::size_t num_workers, std::size_t max_team) {
  return num_workers * (2 + std::min(num_workers, max_team)) + kNumOthers;
}

/// What may be started beside them: for each thread two processes of three threads, and some more.
std::size_t num_beside(std::size_t num_workers) { return 6 * num_workers + 12; }

std::size_t stack_bytes() {
  pthread_attr_t attributes;
  std::size_t num_bytes = 0;
  if (pthread_getattr_default_np(&attributes) == 0) pthread_attr_getstacksize(&attributes, &num_bytes);
  return std::max<std::size_t>(num_bytes, 1 << 20);
}

/// How many stacks fit into a quarter of what `limit` leaves to a process that uses `num_pages`.
std::size_t num_with_room(int limit, std::size_t num_pages) {
  rlimit size = {};
  if (getrlimit(limit, &size) != 0 || size.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::size_t>::max();
  const std::size_t used = num_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size.rlim_cur > used ? (size.rlim_cur - used) / 4 / stack_bytes() : 0;
}

/// The rest is for weights and images.
std::size_t num_with_room() {
  std::array<std::size_t, 6> num_pages{};  // all addresses, three kinds of no interest, none, data and stacks
  std::ifstream file("/proc/self/statm");
  for (std::size_t& pages : num_pages) file >> pages;
  return std::min(num_with_room(RLIMIT_AS, num_pages[0]), num_with_room(RLIMIT_DATA, num_pages[5]));
}

std::size_t num_running() {
  std::error_code ignored;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator task("/proc/self/task", ignored), end; task != end;
       task.increment(ignored))
    ++count;
  return count;
}

/// The system counts a thread for a moment after it was joined.
void wait_until_gone(std::size_t num_before) {
  constexpr int kMaxMilliseconds = 100;
  for (int i = 0; i < kMaxMilliseconds && num_running() > num_before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Starts up to `wanted` threads at once and ends them. Returns how many there were.
std::size_t try_threads(std::size_t wanted) {
  const std::size_t num_before = num_running();
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  try {
    while (threads.size() < wanted) threads.emplace_back([&is_over] { is_over.wait(false); });
  } catch (const std::system_error&) {
    // That many, then.
  }
  is_over = true;
  is_over.notify_all();
  for (std::jthread& thread : threads) thread.join();
  if (threads.size() < wanted) wait_until_gone(num_before);
  return threads.size();
}

std::size_t find_usable(std::size_t wanted, std::size_t max_team) {
  const std::size_t goal = std::min(kMaxTried, num_needed(wanted, max_team) + num_cores());
  const std::size_t all = std::min(kMaxTried, goal + num_beside(wanted));
  const std::size_t num_started = try_threads(std::min(all, num_with_room()));
  if (num_started < all)
    findings->num_spare = std::min(findings->num_spare.load(), num_started - std::min(goal, num_started));
  if (num_started >= goal) return wanted;
  findings->is_short = true;
  std::size_t usable = 1;
  while (usable < wanted && num_needed(usable + 1, max_team) <= num_started) ++usable;
  return usable;
}

}  // namespace

std::size_t usable_threads(std::size_t wanted, std::size_t max_team) {
  wanted = wanted == 0 ? num_cores() : std::min(wanted, kMaxThreads);
  const std::lock_guard lock(findings->mutex);
  const auto [place, is_new] = findings->usable.try_emplace({wanted, max_team}, 1);
  if (is_new) place->second = find_usable(wanted, max_team);
  return place->second;
}

bool is_short_of_threads() { return findings->is_short; }

std::size_t spare_threads() { return findings->num_spare; }

ThreadFindings& thread_findings() { return *findings; }

void share_thread_findings(ThreadFindings& others) { findings = &others; }

ThreadGroup::~ThreadGroup() {
  for (std::jthread& thread : threads_) thread.request_stop();
  join();
}

void ThreadGroup::start(std::size_t count, const std::function<void()>& work, std::size_t min_count) {
  start(count, std::function<void(std::stop_token)>([work](const std::stop_token&) { work(); }), min_count);
}

void ThreadGroup::start(std::size_t count, const std::function<void(std::stop_token)>& work,
                        std::size_t min_count) {
  threads_.reserve(threads_.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    try {
      threads_.emplace_back(work);
    } catch (const std::system_error& error) {
      if (i >= min_count) return;
      throw Error(ErrorKind::kInvalidArgument,
                  "no thread can be started: " + error.code().message() +
                      "; raise the limit on processes (ulimit -u) or on memory (ulimit -v)");
    }
  }
}

void ThreadGroup::join() {
  for (std::jthread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace clipcls
