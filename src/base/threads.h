#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace clipcls {

/// Threads among which a run divides its work: `wanted`, or one a core where that is 0; fewer where the
/// process may not start so many (a user's limit on processes, a container's, one on memory), and at least
/// one. It is tried out: the first call for a number starts that many threads and those that encoders add,
/// and ends them. OpenMP ends the process where it cannot start a thread, so that it must not be asked to.
///
/// `max_team`: each of the threads may call an encoder that uses so many; 1: one alone may use all, or each
/// of them one.
std::size_t usable_threads(std::size_t wanted, std::size_t max_team = 1);

/// Whether usable_threads() has found fewer threads than were wanted.
bool is_short_of_threads();

/// How many threads and processes may be started beside those that usable_threads() has promised to encoders,
/// which end the process where they get none. Without a limit that matters it is the largest number.
std::size_t spare_threads();

/// What the functions above have found out. A process has it once: a module with code of its own takes the
/// program's before it calls them. Two that try out threads take them from each other, and from OpenMP.
struct ThreadFindings;
ThreadFindings& thread_findings();
void share_thread_findings(ThreadFindings& others);

/// Threads that call one function. The destructor asks those to stop that look at a stop token, and waits for
/// all.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  ~ThreadGroup();
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ThreadGroup(ThreadGroup&&) = delete;
  ThreadGroup& operator=(ThreadGroup&&) = delete;

  /// Starts `count` threads that call `work`, or as many as the system gives. Throws Error (kInvalidArgument)
  /// where those are fewer than `min_count`; the threads that were started go on.
  void start(std::size_t count, const std::function<void()>& work, std::size_t min_count = 1);
  void start(std::size_t count, const std::function<void(std::stop_token)>& work, std::size_t min_count = 1);
  /// Waits until each has returned by itself.
  void join();

 private:
  std::vector<std::jthread> threads_;
};

}  // namespace clipcls
