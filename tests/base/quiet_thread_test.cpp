#include "base/quiet_thread.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

namespace clipcls {
namespace {

TEST(QuietThread, WhatItWritesToStandardErrorGoesNowhere) {
  testing::internal::CaptureStderr();
  bool has_run = false;
  run_quietly([&] {
    std::fputs("noise\n", stderr);
    std::fflush(stderr);
    has_run = true;
  });
  std::fputs("said\n", stderr);
  EXPECT_TRUE(has_run);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "said\n");
}

TEST(QuietThread, WhatItThrowsIsThrown) {
  EXPECT_THROW(run_quietly([] { throw std::runtime_error("no"); }), std::runtime_error);
}

TEST(QuietThread, FilesOfOthersStayOpen) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 3);
  bool is_closed_inside = false;
  run_quietly([&] { is_closed_inside = fcntl(file, F_GETFD) < 0; });
  EXPECT_TRUE(is_closed_inside);
  EXPECT_GE(fcntl(file, F_GETFD), 0);
  close(file);
}

}  // namespace
}  // namespace clipcls
