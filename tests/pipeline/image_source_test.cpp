#include "clipcls/pipeline/image_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Paths = std::vector<std::string>;

TEST(ReadPathList, ReadsLinesInOrder) {
  std::istringstream list("b.jpg\n\na.jpg\r\n with space.png\nlast");
  EXPECT_EQ(read_path_list(list, false), (Paths{"b.jpg", "a.jpg", " with space.png", "last"}));
}

TEST(ReadPathList, NulSeparatedPathsMayHoldAnything) {
  std::istringstream list(std::string("a\nb\r\0\xFF.png\0", 11));
  EXPECT_EQ(read_path_list(list, true), (Paths{"a\nb\r", "\xFF.png"}));
}

TEST(ReadImageBytes, ReadsTheWholeFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_image_bytes(folder.write("x", std::string("\0\xFF\n", 3))),
            (std::vector<std::uint8_t>{0, 0xFF, '\n'}));
}

TEST(ReadImageBytes, SaysWhatIsNoFile) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kNotFound, "no such file",
               [&] { read_image_bytes((folder.path() / "none.jpg").string()); });
  expect_error(ErrorKind::kUnreadable, "is a folder", [&] { read_image_bytes(folder.path().string()); });
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_error(ErrorKind::kUnreadable, "is a pipe or a device", [&] { read_image_bytes(pipe); });
  expect_error(ErrorKind::kUnreadable, "is a pipe or a device", [] { read_image_bytes("/dev/zero"); });
}

TEST(ReadImageBytes, SaysWhatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const TemporaryFolder folder;
  const std::string path = folder.write("secret", "x");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  expect_error(ErrorKind::kUnreadable, "permissions", [&] { read_image_bytes(path); });
}

}  // namespace
}  // namespace clipcls
