#include "pipeline/image_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

#include "support/expect_error.h"
#include "support/ordinary_user.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Paths = std::vector<std::string>;

ImageInput file(const std::string& path) { return {path}; }

Paths take_all(ImageSource& source) {
  Paths paths;
  while (std::optional<ImageInput> input = source.next()) paths.push_back(input->path);
  return paths;
}

Paths list_of(std::string_view content, bool is_nul_separated) {
  const TemporaryFolder folder;
  const auto list = open_path_list(folder.write("list", content), is_nul_separated);
  Paths paths = take_all(*list);
  EXPECT_TRUE(list->is_at_end());
  return paths;
}

TEST(PathList, ReadsLinesInOrder) {
  EXPECT_EQ(list_of("b.jpg\n\na.jpg\r\n with space.png\nlast", false),
            (Paths{"b.jpg", "a.jpg", " with space.png", "last"}));
  EXPECT_EQ(list_of("", false), Paths{});
  EXPECT_EQ(list_of("\n\n", false), Paths{});
}

TEST(PathList, NulSeparatedPathsMayHoldAnything) {
  EXPECT_EQ(list_of(std::string("a\nb\r\0\xFF.png\0", 11), true), (Paths{"a\nb\r", "\xFF.png"}));
}

TEST(PathList, ReadsPathsAcrossBlocks) {
  Paths expected;
  std::string content;
  for (int i = 0; i < 20000; ++i) {
    expected.push_back("some/folder/picture" + std::to_string(i) + ".jpg");
    content += expected.back() + "\n";
  }
  EXPECT_EQ(list_of(content, false), expected);
}

TEST(PathList, LeavesOutAByteOrderMarkAtTheHeadAlone) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(list_of(mark + "a.png\r\n" + mark + "b.png\r\n", false), (Paths{"a.png", mark + "b.png"}));
  EXPECT_EQ(list_of(mark + std::string("a.png\0", 6), true), Paths{"a.png"});
  EXPECT_EQ(list_of(mark, false), Paths{});
  EXPECT_EQ(list_of("\xEF\xBB", false), Paths{"\xEF\xBB"});
  EXPECT_EQ(list_of("\xFF\n", false), Paths{"\xFF"});
}

TEST(PathList, SaysThatItIsUtf16) {
  const TemporaryFolder folder;
  const std::string list = folder.write("list", std::string_view("\xFF\xFE"
                                                                 "a\0\n\0",
                                                                 6));
  expect_error(ErrorKind::kInvalidArgument, "is UTF-16 text", [&] { open_path_list(list, false); });
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  const auto source = open_path_list(pipe, false);
  EXPECT_EQ(::write(writer, "\xFF", 1), 1);
  EXPECT_FALSE(source->next());
  EXPECT_EQ(::write(writer,
                    "\xFE"
                    "a\0",
                    3),
            3);
  expect_error(ErrorKind::kInvalidArgument, "is UTF-16 text", [&] { source->next(); });
  close(writer);
}

TEST(PathList, AByteOrderMarkMayComeInParts) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  const auto source = open_path_list(pipe, false);
  for (const char* byte : {"\xEF", "\xBB", "\xBF"}) {
    EXPECT_EQ(::write(writer, byte, 1), 1);
    EXPECT_FALSE(source->next());
  }
  EXPECT_EQ(::write(writer, "a\n", 2), 2);
  EXPECT_EQ(source->next()->path, "a");
  close(writer);
}

TEST(PathList, ADashIsAFileOfThatName) {
  const TemporaryFolder folder;
  const auto list = open_path_list(folder.write("list", "-\n"), false);
  EXPECT_FALSE(list->next()->is_standard_input);
}

TEST(PathList, GivesWhatIsWrittenAndWaitsForNobody) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  const auto list = open_path_list(pipe, false);
  const auto write = [&](std::string_view bytes) {
    EXPECT_EQ(::write(writer, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  };
  EXPECT_FALSE(list->next());
  EXPECT_FALSE(list->is_at_end());
  write("a.jpg\nb.j");
  EXPECT_EQ(list->next()->path, "a.jpg");
  EXPECT_FALSE(list->next());
  write("pg\n");
  list->wait({});
  EXPECT_EQ(list->next()->path, "b.jpg");
  close(writer);
  list->wait({});
  EXPECT_FALSE(list->next());
  EXPECT_TRUE(list->is_at_end());
}

TEST(PathList, AStopEndsTheWaitForAPath) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  const auto list = open_path_list(pipe, false);
  std::stop_source stop;
  std::chrono::steady_clock::time_point stopped;
  std::jthread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stopped = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  list->wait(stop.get_token());
  EXPECT_TRUE(stop.stop_requested());
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(5));  // it takes microseconds
  list->wait(stop.get_token());  // it has been requested: no wait at all
  EXPECT_FALSE(list->is_at_end());
  close(writer);
}

TEST(PathList, ANulByteInALineIsNoPath) {
  const std::string nul("a.jpg\0b.jpg\0", 12);
  expect_error(ErrorKind::kInvalidArgument,
               "list: line 1 holds a NUL byte, which no path does; did you mean -0?",
               [&] { list_of(nul, false); });
  expect_error(ErrorKind::kInvalidArgument, "list: line 3 holds a NUL byte",
               [&] { list_of("x.jpg\n\n" + nul, false); });
  std::string late;
  for (int i = 0; i < 20000; ++i) late += "picture.jpg\n";
  expect_error(ErrorKind::kInvalidArgument, "holds a NUL byte", [&] { list_of(late + nul, false); });
}

TEST(PathList, APathHasALength) {
  EXPECT_EQ(list_of(std::string(60000, 'x') + "\ny", false), (Paths{std::string(60000, 'x'), "y"}));
  for (const bool is_nul_separated : {false, true}) {
    const std::string separator(1, is_nul_separated ? '\0' : '\n');
    expect_error(ErrorKind::kInvalidArgument,
                 is_nul_separated ? "list: path 2 is longer than" : "list: line 2 is longer than",
                 [&] { list_of("y" + separator + std::string(1000000, 'x') + separator, is_nul_separated); });
  }
}

TEST(PathList, SaysWhatCannotBeRead) {
  expect_error(ErrorKind::kInvalidArgument, "/nonexistent: the list of paths cannot be read",
               [] { open_path_list("/nonexistent", false); });
  expect_error(ErrorKind::kInvalidArgument, "/: the list of paths cannot be read",
               [] { open_path_list("/", false); });
}

TEST(SourceChain, IsOneAfterTheOther) {
  const TemporaryFolder folder;
  const std::string list = folder.write("list", "c\nd\n");
  const auto source = make_source_chain(make_path_source({"-", "b", "b"}, {}), open_path_list(list, false));
  EXPECT_TRUE(source->next()->is_standard_input);
  EXPECT_EQ(take_all(*source), (Paths{"b", "b", "c", "d"}));
  EXPECT_TRUE(source->is_at_end());
}

TEST(WatchedImages, AreShownBeforeTheyAreHandedOver) {
  Paths seen;
  const auto source = watch_images(make_path_source({"a", "b", "c"}, {}), [&](const ImageInput& input) {
    if (input.path == "c") throw Error(ErrorKind::kInvalidArgument, "c is not wanted");
    seen.push_back(input.path);
  });
  EXPECT_EQ(source->next()->path, "a");
  EXPECT_EQ(source->next()->path, "b");
  expect_error(ErrorKind::kInvalidArgument, "c is not wanted", [&] { source->next(); });
  EXPECT_EQ(seen, (Paths{"a", "b"}));
}

TEST(RequiredImages, AreAllThoseOfTheSource) {
  const auto source = require_an_image(make_path_source({"a", "b"}, {}), "no image");
  EXPECT_FALSE(source->is_at_end());
  EXPECT_EQ(take_all(*source), (Paths{"a", "b"}));
  EXPECT_TRUE(source->is_at_end());
}

TEST(RequiredImages, NoneIsAnError) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kInvalidArgument, "no image",
               [] { require_an_image(make_path_source({}, {}), "no image"); });
  expect_error(ErrorKind::kInvalidArgument, "no image",
               [&] { require_an_image(make_path_source({folder.path().string()}, {}), "no image"); });
}

TEST(RequiredImages, NoneIsAnErrorWhenAListThatIsWrittenEnds) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  const auto source = require_an_image(open_path_list(pipe, false), "no image");
  EXPECT_FALSE(source->next());
  close(writer);
  source->wait({});
  EXPECT_FALSE(source->is_at_end());  // next() has something to say
  expect_error(ErrorKind::kInvalidArgument, "no image", [&] {
    for (int i = 0; i < 10; ++i) source->next();
  });
}

TEST(ReadImageBytes, ReadsTheWholeFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_image_bytes(file(folder.write("x", std::string("\0\xFF\n", 3)))),
            (std::vector<std::uint8_t>{0, 0xFF, '\n'}));
}

TEST(ReadImageBytes, ReadsAPipeThatSomebodyWritesTo) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string picture = "P6 300 300 255\n" + std::string(270000, 'x');  // more than a pipe holds
  const std::jthread writer([&] { std::ofstream(pipe) << picture; });
  const std::vector<std::uint8_t> bytes = read_image_bytes(file(pipe));
  EXPECT_TRUE(std::ranges::equal(bytes, picture));
}

TEST(ReadImageBytes, DoesNotReadToItsEndWhatIsNoPicture) {
  const TemporaryFolder folder;
  const std::string path = folder.write("film.jpg", "not a picture");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 30);  // takes no room on the disk
  expect_error(ErrorKind::kNotAnImage, "in no picture format", [&] { read_image_bytes(file(path)); });
  std::filesystem::resize_file(path, std::uintmax_t{1} << 32);
  expect_error(ErrorKind::kTooLarge, "more than 2147483647 bytes", [&] { read_image_bytes(file(path)); });
}

TEST(ReadImageBytes, SaysWhatIsNoFile) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kNotFound, "no such file",
               [&] { read_image_bytes(file((folder.path() / "none.jpg").string())); });
  expect_error(ErrorKind::kUnreadable, "is a folder",
               [&] { read_image_bytes(file(folder.path().string())); });
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_error(ErrorKind::kUnreadable, "is a pipe that nobody writes to",
               [&] { read_image_bytes(file(pipe)); });
  expect_error(ErrorKind::kUnreadable, "is a device or a socket",
               [] { read_image_bytes(file("/dev/zero")); });
}

TEST(ReadImageBytes, SaysWhatMayNotBeRead) {
  const TemporaryFolder folder;
  const std::string path = folder.write("secret", "x");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const OrdinaryUser user(folder.path());
  expect_error(ErrorKind::kUnreadable, "permissions", [&] { read_image_bytes(file(path)); });
}

}  // namespace
}  // namespace clipcls
