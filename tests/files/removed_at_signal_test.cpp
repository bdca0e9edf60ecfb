#include "files/removed_at_signal.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "files/atomic_file.h"
#include "files/partial_path.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class RemovedAtSignalTest : public testing::Test {
 protected:
  // By fork() alone: both processes have the same folder.
  RemovedAtSignalTest() { GTEST_FLAG_SET(death_test_style, "fast"); }

  std::ptrdiff_t num_entries() const { return std::distance(fs::directory_iterator(folder.path()), {}); }

  TemporaryFolder folder;
  fs::path path = folder.path() / "results";
};

void write(const fs::path& path) { std::ofstream(path) << "something"; }

/// In a process of its own, which the signal ends.
[[noreturn]] void end_by(int signal) {
  end_by_signals_without_remains();
  raise(signal);
  std::abort();  // not reached
}

TEST_F(RemovedAtSignalTest, NothingUnfinishedIsLeftByASignalThatEndsTheProgram) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto run = [&] {
      std::signal(signal, SIG_DFL);  // whatever the tests were started with
      AtomicFile file(path, Links::kFollowed);
      file.write("half");
      const PartialPath partial(folder.path() / "model");
      fs::create_directory(partial.path());
      for (int i = 0; i < 300; ++i)  // more names than one call of the system gives
        write(partial.path() / ("a part with a name that takes some room " + std::to_string(i)));
      end_by(signal);
    };
    EXPECT_EXIT(run(), testing::KilledBySignal(signal), "");
    EXPECT_EQ(num_entries(), 0) << signal;
  }
}

TEST_F(RemovedAtSignalTest, WhatIsFinishedOrKeptStays) {
  const auto run = [&] {
    std::signal(SIGTERM, SIG_DFL);
    AtomicFile whole(path, Links::kFollowed);
    whole.write("all");
    whole.commit();
    AtomicFile kept(folder.path() / "other", Links::kFollowed);
    kept.keep();
    { const RemovedAtSignal earlier(path); }
    end_by(SIGTERM);
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGTERM), "");
  EXPECT_TRUE(fs::exists(path));
  EXPECT_EQ(num_entries(), 2);
}

TEST_F(RemovedAtSignalTest, AFileThatHasTakenTheNameOfAnotherStays) {
  const auto run = [&] {
    std::signal(SIGTERM, SIG_DFL);
    write(path);
    struct stat made = {};
    stat(path.c_str(), &made);
    const RemovedAtSignal ours(path, made);
    write(folder.path() / "new");  // while the first is there: its number is not given again
    fs::rename(folder.path() / "new", path);
    end_by(SIGTERM);
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGTERM), "");
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(RemovedAtSignalTest, ASignalThatIsIgnoredStaysIgnored) {
  const auto run = [&] {
    std::signal(SIGHUP, SIG_IGN);
    const AtomicFile file(path, Links::kFollowed);
    end_by_signals_without_remains();
    raise(SIGHUP);
    _Exit(fs::exists(file.path()) ? 0 : 1);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST_F(RemovedAtSignalTest, MoreThanTheListHoldsDoNoHarm) {
  std::array<std::optional<RemovedAtSignal>, 200> many;
  for (std::optional<RemovedAtSignal>& one : many) one.emplace(path);
}

}  // namespace
}  // namespace clipcls
