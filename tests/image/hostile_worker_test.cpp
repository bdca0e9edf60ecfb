// What a worker that was taken over, that crashes or that hangs can do to the program: spoil a picture.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/decode_sandbox.h"
#include "image/sandbox/decode_worker.h"
#include "image/sandbox/lock_process.h"

namespace clipcls {
namespace {

using namespace std::chrono_literals;

constexpr WorkerLimits kLimits = {60s, 4'000'000'000};

/// A picture that says what the worker of hostile_worker_main.cpp is to do.
std::vector<std::uint8_t> deed(const std::string& word) {
  const std::string text = "P6 #" + word;
  return {text.begin(), text.end()};
}

/// How the picture ends in a new worker.
WorkerResult result_of(const std::string& word, const WorkerLimits& limits = kLimits) {
  DecodeWorker worker(CLIPCLS_TEST_HOSTILE_DECODER, "others");
  return worker.decode(deed(word), {}, limits);
}

TEST(HostileWorker, ItsCrashSaysHow) {
  // Sanitizers catch it.
  const std::string crash = result_of("crash").end;
  EXPECT_TRUE(is_lock_real() ? crash == "its decoder was ended by signal 11 (Segmentation fault)"
                             : crash.starts_with("its decoder ended with exit code "))
      << crash;
  EXPECT_EQ(result_of("abort").end, "its decoder was ended by signal 6 (Aborted)");
  EXPECT_EQ(result_of("exit").end, "its decoder ended with exit code 3");
}

TEST(HostileWorker, AHangHasAnEnd) {
  const WorkerResult busy = result_of("compute", {1s, kLimits.num_address_bytes});
  EXPECT_TRUE(busy.is_at_limit);
  EXPECT_EQ(busy.end, "it took longer than 1 s to decode");
  const WorkerResult waiting = result_of("wait", {1s, kLimits.num_address_bytes});
  EXPECT_TRUE(waiting.is_at_limit);
  EXPECT_EQ(waiting.end, "it took longer than 1 s to decode");
}

// It would wait for minutes, as time is for those that compute.
TEST(HostileWorker, OneThatDoesNothingIsEndedSooner) {
  const WorkerResult waiting = result_of("wait", {60s, kLimits.num_address_bytes, 1s});
  EXPECT_FALSE(waiting.is_at_limit);  // a new one may do better
  EXPECT_EQ(waiting.end, "its decoder did nothing for 1 s");
  EXPECT_EQ(result_of("compute", {2s, kLimits.num_address_bytes, 1s}).end,
            "it took longer than 2 s to decode");
}

// A second of time for each picture, and not for all of them.
TEST(HostileWorker, TimeIsThatOfOnePicture) {
  DecodeWorker worker(CLIPCLS_TEST_HOSTILE_DECODER, "others");
  const WorkerLimits limits = {1s, kLimits.num_address_bytes};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(worker.decode(deed("picture"), {}, limits).end, "");
  EXPECT_TRUE(worker.decode(deed("compute"), {}, limits).is_at_limit);
}

TEST(HostileWorker, MemoryHasAnEnd) {
  if (!is_lock_real()) GTEST_SKIP() << "sanitizers take terabytes of addresses";
  DecodeWorker worker(CLIPCLS_TEST_HOSTILE_DECODER, "others");
  const WorkerResult result = worker.decode(deed("memory"), {.max_megapixels = 1}, {60s, 500'000'000});
  ASSERT_TRUE(result.error);
  EXPECT_TRUE(std::string(result.error->what()).starts_with("no more after ")) << result.error->what();
}

TEST(HostileWorker, LimitsFollowTheSizeOfPictures) {
  EXPECT_EQ(WorkerLimits::of(179, 0).time, 388s);
  EXPECT_EQ(WorkerLimits::of(0.001, 0).time, 30s);
  EXPECT_EQ(WorkerLimits::of(10, 5'000'000).num_address_bytes, 1'000'000'000 + 10'000'000 + 800'000'000);
  EXPECT_GT(WorkerLimits::of(1e5, 0).num_address_bytes, 1'000'000'000'000);
}

TEST(HostileWorker, ItHasNoRights) {
  if (!is_lock_real()) GTEST_SKIP() << "sanitizers need other system calls";
  for (const char* word : {"open", "open-write", "raise-limit"}) {
    const WorkerResult result = result_of(word);
    ASSERT_TRUE(result.error) << word << result.end;
    EXPECT_STREQ(result.error->what(), "errno 13") << word;
  }
  for (const char* word : {"socket", "exec", "kill", "tgkill", "ptrace", "code", "grow"}) {
    EXPECT_EQ(result_of(word).end, "its decoder asked the system for what it may not do, and was ended")
        << word;
  }
  // The C library asks with clone3(), and then with clone().
  EXPECT_EQ(result_of("fork").end, "its decoder asked the system for what it may not do, and was ended");
  EXPECT_EQ(result_of("write-memory").end, "its decoder was ended by signal 25 (File size limit exceeded)");
}

TEST(HostileWorker, AnswersAreNotBelieved) {
  for (const char* word : {"huge", "largest", "negative", "nothing", "behind", "far-behind", "crooked",
                           "kind", "text-size", "short"}) {
    EXPECT_EQ(result_of(word).end, "its decoder gave no answer that makes sense") << word;
  }
  const WorkerResult text = result_of("text");
  ASSERT_TRUE(text.error);
  EXPECT_TRUE(std::string(text.error->what()).starts_with("a?b?[31m?ccc")) << text.error->what();
  EXPECT_LE(std::string(text.error->what()).size(), 4000U);
  const WorkerResult picture = result_of("notes");
  EXPECT_EQ(picture.end, "");
  EXPECT_EQ(picture.pixels.size(), 3U);
  EXPECT_TRUE(picture.notes.is_truncated);
}

class HostileProgram : public testing::Test {
 protected:
  void SetUp() override { set_decode_program(CLIPCLS_TEST_HOSTILE_DECODER); }
  static void TearDownTestSuite() { set_decode_program(""); }

  static std::string answer_to(const std::string& word) {
    try {
      return std::to_string(decode_image(deed(word), {.sandbox = DecodeSandbox::kAll}).pixels.size());
    } catch (const Error& error) {
      return std::string(error_kind_name(error.kind())) + ": " + error.what();
    }
  }
};

TEST_F(HostileProgram, ACrashIsABrokenImage) {
  EXPECT_EQ(answer_to("picture"), "3");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer_to("abort"),
              "broken_image: the PNM picture cannot be decoded: its decoder was ended by signal 6 (Aborted)");
    EXPECT_EQ(answer_to("picture"), "3");
  }
}

// A picture that has damaged the worker's memory is not the one that it dies of.
TEST_F(HostileProgram, APictureIsNotBlamedForAnEarlierOne) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(answer_to("crash-if-used"), "3");
}

}  // namespace
}  // namespace clipcls
