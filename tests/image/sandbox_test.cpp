// Decoding in a worker: the same pictures, notes and errors as in this process, for as many pictures and
// threads as one likes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "golden_data.h"
#include "image/decode_sandbox.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    set_decode_program(CLIPCLS_TEST_DECODER);
    ASSERT_EQ(try_decode_sandbox(), "");
  }
  // Other tests decode in this process.
  static void TearDownTestSuite() { set_decode_program(""); }
};

DecodeOptions sandboxed(DecodeOptions options = {}) {
  options.sandbox = DecodeSandbox::kAll;
  return options;
}

/// All that decode_image() says of `bytes`, as text, and the picture.
std::string everything(const std::vector<std::uint8_t>& bytes, const DecodeOptions& options,
                       RgbImage& picture) {
  try {
    DecodeNotes notes;
    picture = decode_image(bytes, options, &notes);
    return std::to_string(picture.width) + " x " + std::to_string(picture.height) +
           (notes.is_mostly_transparent ? " transparent" : "") + (notes.is_gray_clipped ? " clipped" : "") +
           (notes.is_gray_dark ? " dark" : "") + (notes.is_truncated ? " truncated" : "");
  } catch (const Error& error) {
    return std::string(error_kind_name(error.kind())) + ": " + error.what();
  }
}

void expect_the_same(const std::vector<std::uint8_t>& bytes, const DecodeOptions& options) {
  RgbImage here;
  RgbImage there;
  EXPECT_EQ(everything(bytes, sandboxed(options), there), everything(bytes, options, here));
  EXPECT_EQ(difference(there, here), "");
}

int expect_the_same_of_folder(const fs::path& folder) {
  int num_pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".ppm" || extension == ".pages" || !entry.is_regular_file()) continue;
    SCOPED_TRACE(entry.path().string());
    const std::vector<std::uint8_t> bytes = read_file(entry.path());
    ++num_pictures;
    expect_the_same(bytes, {});
    expect_the_same(bytes, {.apply_exif_rotation = false,
                            .draft_side = 8,
                            .background = {{255, 250, 240}},
                            .deep_gray = DeepGray::kStretch});
    expect_the_same(bytes, {.max_megapixels = 1e-5, .deep_gray = DeepGray::kClip});
    expect_the_same(bytes, {.page = 2});
    expect_the_same(bytes, {.page = 99});
    const std::vector<std::uint8_t> cut(bytes.begin(),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 3 / 4));
    expect_the_same(cut, {});
    expect_the_same(cut, {.accepts_truncated = true});
  }
  return num_pictures;
}

TEST_F(SandboxTest, CommittedPicturesAreTheSame) {
  EXPECT_GE(expect_the_same_of_folder(committed_images() / "coded"), 16);
  EXPECT_GE(expect_the_same_of_folder(committed_images() / "decode"), 40);
  EXPECT_GE(expect_the_same_of_folder(committed_images() / "pages"), 5);
}

TEST_F(SandboxTest, GoldenPicturesAreTheSame) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(expect_the_same_of_folder(golden / "decode"), 100);
  EXPECT_GE(expect_the_same_of_folder(golden / "coded"), 31);
}

// Above a megabyte pixels are put where they are shared; a turned picture is there twice, and a small one is
// copied.
TEST_F(SandboxTest, LargePicturesAreTheSame) {
  for (const int side : {590, 591, 1500, 3000}) {
    std::string header = "P6 " + std::to_string(side) + " " + std::to_string(side + 1) + " 255\n";
    std::vector<std::uint8_t> bytes(header.begin(), header.end());
    const RgbImage picture = generate_picture(side, side + 1, 7);
    bytes.insert(bytes.end(), picture.pixels.begin(), picture.pixels.end());
    EXPECT_EQ(difference(decode_image(bytes, sandboxed()), picture), "");
    EXPECT_EQ(difference(decode_image(bytes, sandboxed({.max_megapixels = 9.1})), picture), "");
  }
}

// Limits that grow from picture to picture make the shared memory larger.
TEST_F(SandboxTest, LimitsMayChange) {
  const RgbImage picture = generate_picture(2000, 1500, 3);
  const std::string header = "P6 2000 1500 255\n";
  std::vector<std::uint8_t> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), picture.pixels.begin(), picture.pixels.end());
  const auto small = read_file(committed_images() / "decode" / "rgb.png");
  const RgbImage expected = decode_image(small);
  for (const double megapixels : {0.01, 3.0, 0.01, 10.0, 179.0, 20000.0, 3.0}) {
    EXPECT_EQ(difference(decode_image(small, sandboxed({.max_megapixels = megapixels})), expected), "");
    if (megapixels < 3) continue;
    EXPECT_EQ(difference(decode_image(bytes, sandboxed({.max_megapixels = megapixels})), picture), "");
  }
}

TEST_F(SandboxTest, OnlyOpenedFormatsByDefault) {
  for (const PictureFormat& format : picture_formats()) {
    const bool is_opened = !format.package.empty();
    EXPECT_EQ(format.is_sandboxed, is_opened) << format.name;
  }
}

// A picture lies where its worker has put it, and so keeps the worker from the next one.
TEST_F(SandboxTest, PicturesAreKept) {
  const auto jxl = read_file(committed_images() / "coded" / "lossy.jxl");
  const auto other = read_file(committed_images() / "coded" / "grey.jxl");
  const RgbImage expected = decode_image(jxl);
  std::vector<RgbImage> kept;
  for (int i = 0; i < 5; ++i) {
    kept.push_back(decode_image(jxl, sandboxed()));
    decode_image(other, sandboxed());
  }
  for (RgbImage& picture : kept) {
    EXPECT_EQ(difference(picture, expected), "");
    picture.pixels.own();
  }
  for (int i = 0; i < 10; ++i) decode_image(other, sandboxed());
  for (const RgbImage& picture : kept) EXPECT_EQ(difference(picture, expected), "");
}

std::size_t num_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_F(SandboxTest, TwoThousandPicturesLeaveNothingOpen) {
  const auto png = read_file(committed_images() / "decode" / "rgb.png");
  const auto tiff = read_file(committed_images() / "coded" / "grey.jxl");
  const std::vector<std::uint8_t> broken(tiff.begin(), tiff.begin() + 20);
  RgbImage picture;
  for (const auto& bytes : {png, tiff, broken}) everything(bytes, sandboxed(), picture);
  const std::size_t num_open = num_in("/proc/self/fd");
  for (int i = 0; i < 667; ++i) {
    for (const auto& bytes : {png, tiff, broken}) everything(bytes, sandboxed(), picture);
  }
  EXPECT_EQ(num_in("/proc/self/fd"), num_open);
}

TEST_F(SandboxTest, ManyThreads) {
  std::vector<std::vector<std::uint8_t>> files;
  std::vector<RgbImage> expected;
  for (const char* name : {"lossy.jxl", "grid.heic", "10bit_420.avif", "420.j2k"}) {
    files.push_back(read_file(committed_images() / "coded" / name));
    expected.push_back(decode_image(files.back()));
  }
  std::atomic<int> num_wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = thread; i < thread + 16; ++i) {
          const RgbImage picture = decode_image(files[i % files.size()], sandboxed());
          if (!(picture.pixels == expected[i % files.size()].pixels)) ++num_wrong;
        }
      });
    }
  }
  EXPECT_EQ(num_wrong, 0);
}

// After fork() there are two who have the same workers. The child starts its own.
TEST_F(SandboxTest, AForkedProcessHasItsOwnWorkers) {
  const auto bytes = read_file(committed_images() / "coded" / "lossy.jxl");
  const RgbImage expected = decode_image(bytes, sandboxed());
  const pid_t child = fork();
  if (child == 0) {
    bool is_right = true;
    for (int i = 0; i < 20; ++i)
      is_right = is_right && decode_image(bytes, sandboxed()).pixels == expected.pixels;
    _exit(is_right ? 0 : 1);
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(difference(decode_image(bytes, sandboxed()), expected), "");
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// What lies at a name that is given for the program.
TEST_F(SandboxTest, OtherProgramsAreNoDecoders) {
  for (const char* program : {"/nonexistent", "/dev/null", "/bin/true", "/bin/cat", ""}) {
    EXPECT_THROW(require_decode_program(program), Error) << program;
    EXPECT_EQ(try_decode_sandbox(), "") << "the one before stays";
  }
}

TEST_F(SandboxTest, WithoutWorkersPicturesAreDecodedHere) {
  std::vector<std::string> messages;
  on_missing_sandbox([&messages](const std::string& why) { messages.push_back(why); });
  set_decode_program("/nonexistent");
  const auto bytes = read_file(committed_images() / "coded" / "lossy.jxl");
  const RgbImage expected = decode_image(bytes);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(difference(decode_image(bytes, sandboxed()), expected), "");
  ASSERT_EQ(messages.size(), 1);
  EXPECT_NE(messages[0].find("No such file"), std::string::npos) << messages[0];
  try {
    require_decode_sandbox();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("`decode_sandbox`"), std::string::npos) << error.what();
  }
  on_missing_sandbox({});
}

}  // namespace
}  // namespace clipcls
