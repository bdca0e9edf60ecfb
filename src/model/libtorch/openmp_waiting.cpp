#include "openmp_waiting.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

namespace clipcls {
namespace {

/// Keeps a team of threads of its own, which sleep, until the process ends. See libgomp's manual on
/// GOMP_SPINCOUNT: with more OpenMP threads than cores a thread spins for 1,000 rounds. (Setting the variable
/// itself is too late: it is read before main().)
void keep_idle_team() {
  std::atomic<unsigned> num_started = 0;  // an empty loop would be left out
#pragma omp parallel num_threads(std::max(1U, std::thread::hardware_concurrency()))
  ++num_started;
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable never;
  while (true) never.wait(lock);
}

}  // namespace

void let_openmp_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  static const bool is_done = [] {
    try {
      std::thread(keep_idle_team).detach();
    } catch (const std::system_error&) {
      return false;  // there is no thread to be had, and so none that spins
    }
    return true;
  }();
  static_cast<void>(is_done);
}

}  // namespace clipcls
