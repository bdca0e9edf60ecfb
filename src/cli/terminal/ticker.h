#pragma once

#include <functional>

#include "base/threads.h"

namespace clipcls {

/// Calls a function at once and then about ten times a second while it lives, on a thread of its own; never
/// where no thread can be started.
class Ticker {
 public:
  explicit Ticker(std::function<void()> on_tick);

 private:
  ThreadGroup thread_;
};

}  // namespace clipcls
