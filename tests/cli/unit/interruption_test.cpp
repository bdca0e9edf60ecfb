#include "cli/terminal/interruption.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <thread>

#include "cli/terminal/ticker.h"
#include "files/atomic_file.h"
#include "files/removed_at_signal.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

TEST(Interruption, ASignalRequestsAStop) {
  const Interruption interruption;
  EXPECT_FALSE(Interruption::has_happened());
  std::promise<void> stopped;
  const std::stop_callback on_stop(interruption.stop_token(), [&] { stopped.set_value(); });
  std::raise(SIGTERM);
  EXPECT_TRUE(Interruption::has_happened());
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
  EXPECT_EQ(Interruption::exit_code(), 128 + SIGTERM);
}

TEST(Interruption, TheNextOneKnowsNothingOfIt) {
  for (int i = 0; i < 3; ++i) {
    const Interruption interruption;
    EXPECT_FALSE(interruption.stop_token().stop_requested());
  }
}

TEST(Interruption, ASecondSignalEndsTheProgramAndLeavesNothingUnfinished) {
  GTEST_FLAG_SET(death_test_style, "fast");  // by fork() alone: both processes have the same folder
  const TemporaryFolder folder;
  const auto run = [&] {
    std::signal(SIGINT, SIG_DFL);  // whatever the tests were started with
    end_by_signals_without_remains();
    const Interruption interruption;
    const AtomicFile file(folder.path() / "page.html", Links::kFollowed);
    std::raise(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(250));  // two within 200 count as one
    std::raise(SIGINT);
    std::this_thread::sleep_for(std::chrono::minutes(1));  // not reached
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGINT), "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Ticker, TicksUntilItsEnd) {
  std::atomic<int> num_ticks = 0;
  std::promise<void> third;
  {
    const Ticker ticker([&] {
      if (++num_ticks == 3) third.set_value();
    });
    EXPECT_EQ(third.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
  }
  const int at_the_end = num_ticks;
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_EQ(num_ticks, at_the_end);
}

}  // namespace
}  // namespace clipcls
