#include "cli/flags/message_flags.h"

#include "cli/flags/progress_flags.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(MessageFlags, QuietAndVerboseExcludeEachOther) {
  MessageFlags flags;
  flags.is_quiet = true;
  flags.validate();
  flags.is_verbose = true;
  expect_error(ErrorKind::kUsage, "--quiet and --verbose", [&] { flags.validate(); });
}

TEST(ProgressFlags, WhatIsWantedIsNotAlsoUnwanted) {
  ProgressFlags progress;
  MessageFlags messages;
  progress.is_wanted = true;
  progress.validate(messages);
  progress.is_unwanted = true;
  expect_error(ErrorKind::kUsage, "--progress and --no-progress", [&] { progress.validate(messages); });
  messages.is_quiet = true;
  expect_error(ErrorKind::kUsage, "--progress and --quiet", [&] { progress.validate(messages); });
  progress.is_wanted = false;
  progress.validate(messages);
}

TEST(ProgressFlags, FlagsComeBeforeTheTerminal) {
  ProgressFlags progress;
  progress.is_wanted = true;
  EXPECT_TRUE(shows_progress(progress, {}));
  progress.is_wanted = false;
  progress.is_unwanted = true;
  EXPECT_FALSE(shows_progress(progress, {}));
  EXPECT_FALSE(shows_progress({}, {/*is_quiet=*/true, /*is_verbose=*/false}));
}

}  // namespace
}  // namespace clipcls
