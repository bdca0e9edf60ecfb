#include "base/threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(Threads, ThereIsOneAtLeastAndNoneMoreThanWanted) {
  EXPECT_GE(usable_threads(0), 1U);
  for (const std::size_t wanted : {1U, 2U, 5U}) {
    EXPECT_GE(usable_threads(wanted), 1U);
    EXPECT_LE(usable_threads(wanted), wanted);
    EXPECT_LE(usable_threads(wanted, /*max_team=*/4), wanted);
  }
}

#ifndef CLIPCLS_SANITIZED  // their runtimes take terabytes of addresses
/// Lets the process have so many addresses more than it has.
void limit_addresses(std::size_t more) {
  std::size_t num_pages = 0;
  std::ifstream("/proc/self/statm") >> num_pages;
  const rlim_t size = num_pages * 4096 + more;
  const rlimit limit = {size, size};
  if (setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(3);
}

TEST(Threads, FewAddressesAreFewThreads) {
  const auto run = [] {
    limit_addresses(std::size_t{1} << 30U);
    const std::size_t some = usable_threads(500);
    const bool is_less_in_teams = usable_threads(500, /*max_team=*/500) < some;
    std::_Exit(some > 1 && some < 32 && is_less_in_teams && is_short_of_threads() ? 0 : 1);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST(Threads, OneIsUsedWhereThereIsRoomForNoMore) {
  const auto run = [] {
    limit_addresses(std::size_t{1} << 20U);
    std::_Exit(usable_threads(500) == 1 && is_short_of_threads() ? 0 : 1);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST(Threads, AGroupIsAsLargeAsItCanBe) {
  const auto run = [] {
    limit_addresses(std::size_t{100} << 20U);
    std::atomic<int> num_calls = 0;
    std::atomic<bool> is_over = false;
    ThreadGroup group;
    group.start(200, [&] {
      ++num_calls;
      is_over.wait(false);
    });
    try {
      group.start(1, [&] { ++num_calls; });
      std::_Exit(1);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInvalidArgument) std::_Exit(2);
    }
    group.start(
        1, [&] { ++num_calls; }, /*min_count=*/0);
    is_over = true;
    is_over.notify_all();
    group.join();
    std::_Exit(num_calls > 1 && num_calls < 200 ? 0 : 3);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}
#endif

TEST(Threads, AGroupStopsWhoLooksAtItsTokenWhenItEnds) {
  std::atomic<int> num_stopped = 0;
  {
    ThreadGroup group;
    group.start(3, [&num_stopped](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      ++num_stopped;
    });
  }
  EXPECT_EQ(num_stopped, 3);
}

TEST(Threads, AGroupCallsItsFunctionOnEach) {
  std::atomic<int> num_calls = 0;
  {
    ThreadGroup group;
    group.start(3, [&num_calls] { ++num_calls; });
    group.start(0, [&num_calls] { ++num_calls; });
  }
  EXPECT_EQ(num_calls, 3);
}

}  // namespace
}  // namespace clipcls
