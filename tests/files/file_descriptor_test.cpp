#include "files/file_descriptor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "support/temporary_folder.h"

namespace clipcls {
namespace {

std::atomic<int> num_alarms = 0;

/// Interrupts this thread's calls every millisecond; none of them is started again by itself.
class Interruptions {
 public:
  Interruptions() {
    num_alarms = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { ++num_alarms; };
    sigaction(SIGALRM, &action, &old_);
    const itimerval every = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &every, nullptr);
  }
  ~Interruptions() {
    const itimerval never = {};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &old_, nullptr);
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  Interruptions(Interruptions&&) = delete;
  Interruptions& operator=(Interruptions&&) = delete;

 private:
  struct sigaction old_ = {};
};

/// A thread that signals do not reach.
template <typename Action>
std::thread quiet_thread(Action action) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(action));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) == 0) {
      reading = FileDescriptor(ends[0]);
      writing = FileDescriptor(ends[1]);
    }
  }
  FileDescriptor reading;
  FileDescriptor writing;
};

TEST(FileDescriptor, IsClosedByItsLastOwner) {
  Pipe pipe;
  const int number = pipe.writing.number();
  FileDescriptor owner = std::move(pipe.writing);
  EXPECT_EQ(owner.number(), number);
  EXPECT_NE(fcntl(number, F_GETFD), -1);
  EXPECT_EQ(owner.close(), 0);
  EXPECT_FALSE(owner.is_open());
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
  EXPECT_EQ(owner.close(), 0);  // once is enough
}

TEST(FileDescriptor, OtherProgramsDoNotGetIt) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_for_reading(folder.write("file", "x"));
  EXPECT_EQ(fcntl(file.number(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(FileDescriptor, SaysWhyNothingIsOpen) {
  const TemporaryFolder folder;
  EXPECT_FALSE(open_for_reading(folder.path() / "none").is_open());
  EXPECT_EQ(errno, ENOENT);
}

TEST(WriteAll, GoesOnAfterShortWritesAndInterruptions) {
  Pipe pipe;
  std::string bytes(1 << 20, '\0');  // a pipe holds a sixteenth of it
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  std::string received(bytes.size(), '\0');
  ssize_t num_received = 0;
  std::thread reader = quiet_thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    num_received = read_all(pipe.reading.number(), received);
  });
  int error = 0;
  {
    const Interruptions interruptions;
    error = write_all(pipe.writing.number(), bytes);
    EXPECT_GT(num_alarms, 3);
  }
  pipe.writing.close();
  reader.join();
  EXPECT_EQ(error, 0);
  EXPECT_EQ(num_received, static_cast<ssize_t>(bytes.size()));
  EXPECT_TRUE(received == bytes);
}

TEST(ReadSome, WaitsThroughInterruptions) {
  Pipe pipe;
  std::thread writer = quiet_thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    write_all(pipe.writing.number(), "late");
  });
  std::array<char, 16> bytes{};
  ssize_t count = 0;
  {
    const Interruptions interruptions;
    count = read_some(pipe.reading.number(), bytes);
    EXPECT_GT(num_alarms, 3);
  }
  writer.join();
  ASSERT_EQ(count, 4);
  EXPECT_EQ(std::string(bytes.data(), 4), "late");
}

TEST(WriteAll, SaysThatTheDiskIsFull) {
  const FileDescriptor full = open_file("/dev/full", O_WRONLY);
  ASSERT_TRUE(full.is_open());
  EXPECT_EQ(write_all(full.number(), "x"), ENOSPC);
}

TEST(FlushToDisk, WhatCannotBeFlushedCountsAsDone) {
  const TemporaryFolder folder;
  EXPECT_EQ(flush_to_disk(folder.path()), 0);
  EXPECT_EQ(flush_to_disk(std::filesystem::path(folder.write("file", "x"))), 0);
  Pipe pipe;
  EXPECT_EQ(flush_to_disk(pipe.writing.number()), 0);
  EXPECT_EQ(flush_to_disk(folder.path() / "none"), ENOENT);
}

TEST(IsSameFile, ANameThatHasGoneToAnotherFile) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.write("file", "x");
  const FileDescriptor file = open_for_reading(path);
  EXPECT_TRUE(is_same_file(file.number(), path));
  std::filesystem::rename(path, folder.path() / "other");
  EXPECT_FALSE(is_same_file(file.number(), path));
  folder.write("file", "x");
  EXPECT_FALSE(is_same_file(file.number(), path));
}

}  // namespace
}  // namespace clipcls
