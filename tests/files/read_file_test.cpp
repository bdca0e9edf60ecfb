#include "files/read_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "files/file_descriptor.h"
#include "files/mapped_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

TEST(ReadFile, GivesAllBytes) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_file(folder.write("empty", ""), ErrorKind::kModel), "");
  std::string bytes(3'000'000, 'x');  // of several blocks
  bytes[1'500'000] = '\0';
  const std::string file = folder.write("large", bytes);
  EXPECT_TRUE(read_file(file, ErrorKind::kModel) == bytes);
  std::filesystem::create_symlink("large", folder.path() / "link");
  EXPECT_TRUE(read_file(folder.path() / "link", ErrorKind::kModel) == bytes);
  // The system says that this has no bytes.
  EXPECT_NE(read_file("/proc/self/status", ErrorKind::kModel).find("Name:"), std::string::npos);
}

TEST(ReadFile, NamesTheFileAndTheProblem) {
  const TemporaryFolder folder;
  const auto expect = [&](const std::string& part, const std::string& name) {
    expect_error(ErrorKind::kFeatures, part,
                 [&] { read_file(folder.path() / name, ErrorKind::kFeatures, "make one"); });
  };
  expect("none: no such file; make one", "none");
  folder.write("file", "x");
  expect("file/below: no such file; make one", "file/below");
  std::filesystem::create_directory(folder.path() / "folder");
  expect("folder: is a folder; make one", "folder");
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  expect("pipe: is not an ordinary file; make one", "pipe");
  expect_error(ErrorKind::kModel, "file: has more than 3 bytes",
               [&] { read_file(folder.write("file", "four"), ErrorKind::kModel, "", 3); });
  EXPECT_EQ(read_file(folder.write("file", "333"), ErrorKind::kModel, "", 3), "333");
}

TEST(ReadToEnd, StopsWhereADeviceHasNoEnd) {
  const FileDescriptor zeros = open_file("/dev/zero", O_RDONLY);
  std::string bytes;
  EXPECT_EQ(read_to_end(zeros.number(), bytes, 1000), EFBIG);
}

TEST(MappedFile, HoldsTheBytesAndKeepsTheFile) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "bytes");
  const MappedFile mapped(file, MappedFile::Access::kWrite, ErrorKind::kModel);
  EXPECT_EQ(mapped.text(), "bytes");
  mapped.bytes()[0] = std::byte{'B'};
  EXPECT_EQ(mapped.text(), "Bytes");
  EXPECT_EQ(read_file(file, ErrorKind::kModel), "bytes");
  EXPECT_EQ(MappedFile(folder.write("empty", ""), MappedFile::Access::kRead, ErrorKind::kModel).text(), "");
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  const auto map = [](const std::filesystem::path& path) {
    const MappedFile mapped(path, MappedFile::Access::kRead, ErrorKind::kFeatures);
  };
  expect_error(ErrorKind::kFeatures, "cannot be read: No such file", [&] { map(folder.path() / "none"); });
  expect_error(ErrorKind::kFeatures, "is not a regular file", [&] { map(folder.path()); });
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::kFeatures, "is not a regular file", [&] { map(folder.path() / "pipe"); });
}

}  // namespace
}  // namespace clipcls
