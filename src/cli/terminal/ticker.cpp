#include "cli/terminal/ticker.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace clipcls {
namespace {

constexpr std::chrono::milliseconds kTick(100);

}  // namespace

Ticker::Ticker(std::function<void()> on_tick) {
  const auto tick = [on_tick = std::move(on_tick)](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    do {
      on_tick();
    } while (!stopped.wait_for(lock, stop, kTick, [&stop] { return stop.stop_requested(); }));
  };
  thread_.start(1, tick, /*min_count=*/0);
}

}  // namespace clipcls
