// What belongs to a photo goes where the photo goes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "photos/photo_sorter.h"
#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

class SortCompanionsTest : public testing::Test {
 protected:
  SortCompanionsTest() { fs::create_directories(in_); }

  PhotoSorter sorter(JournalAction action, bool is_dry_run = false) {
    const auto is_picture = [](std::string_view name) {
      return name.ends_with(".jpg") || name.ends_with(".png");
    };
    return PhotoSorter(LabelFolder((out_ / "{label}").string()),
                       {action, is_dry_run, std::make_shared<CompanionFinder>(is_picture)});
  }
  fs::path write(const std::string& name) { return folder_.write("in/" + name, name); }

  /// The files below `folder`, journals left out.
  static Names files(const fs::path& folder) {
    Names names;
    if (!fs::exists(folder)) return names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const bool is_journal = entry.path().filename().string().starts_with("clipcls-journal-");
      if (!entry.is_directory() && !is_journal) names.insert(fs::relative(entry.path(), folder));
    }
    return names;
  }

  TemporaryFolder folder_;
  fs::path in_ = folder_.path() / "in";
  fs::path out_ = folder_.path() / "out";
};

TEST_F(SortCompanionsTest, GoAlongAndComeBack) {
  const fs::path photo = write("a.jpg");
  const Names companions = {"a.CR2", "a.MOV", "a.AAE", "a.jpg.json", "a.jpg.pp3", "a.xmp", "a.CR2.xmp"};
  for (const std::string& name : companions) write(name);
  write("other.CR2");
  const Names before = files(in_);
  for (const JournalAction action :
       {JournalAction::kMove, JournalAction::kCopy, JournalAction::kHardLink, JournalAction::kSymbolicLink}) {
    fs::path journal;
    {
      PhotoSorter sorter = this->sorter(action);
      const PhotoSorter::Placement placement = sorter.sort(photo, "cat");
      EXPECT_EQ(placement.companions.size(), companions.size());
      EXPECT_TRUE(placement.problems.empty());
      journal = sorter.journal()->path();
    }
    for (const std::string& name : companions) EXPECT_EQ(content(out_ / "cat" / name), name);
    EXPECT_EQ(files(in_), action == JournalAction::kMove ? Names{"other.CR2"} : before);
    std::vector<JournalStep> steps = read_journal(journal).steps;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) undo_step(*step);
    EXPECT_EQ(files(in_), before);
    EXPECT_EQ(files(out_), Names{});
    fs::remove_all(out_);
  }
}

TEST_F(SortCompanionsTest, TakeTheNumberOfTheirPhoto) {
  const fs::path photo = write("a.jpg");
  write("a.CR2");
  write("a.jpg.json");
  fs::create_directories(out_ / "cat");
  folder_.write("out/cat/a.CR2", "another");
  folder_.write("out/cat/a-2.jpg.json", "another");
  EXPECT_EQ(sorter(JournalAction::kMove).sort(photo, "cat").target, out_ / "cat/a-3.jpg");
  EXPECT_EQ(files(out_),
            (Names{"cat/a.CR2", "cat/a-2.jpg.json", "cat/a-3.jpg", "cat/a-3.CR2", "cat/a-3.jpg.json"}));
  EXPECT_EQ(content(out_ / "cat/a.CR2"), "another");
}

TEST_F(SortCompanionsTest, PhotosOfTheRunAreNone) {
  const fs::path first = write("a.jpg");
  const fs::path second = write("a.png");
  write("a.CR2");
  write("a.png.json");
  for (const JournalAction action : {JournalAction::kCopy, JournalAction::kMove}) {
    PhotoSorter sorter = this->sorter(action);
    for (const fs::path& photo : {first, second}) {
      sorter.note_photo(photo);
      sorter.sort(photo, photo == first ? "cat" : "dog");
    }
    EXPECT_TRUE(sorter.finish().companions.empty());
    Names expected = {"cat/a.jpg", "cat/a.CR2", "dog/a.png", "dog/a.png.json"};
    if (action == JournalAction::kCopy) expected.insert("dog/a.CR2");
    EXPECT_EQ(files(out_), expected);
    fs::remove_all(out_);
  }
}

TEST_F(SortCompanionsTest, APhotoThatStaysIsNotTakenAlong) {
  const fs::path stays = write("a.jpg");
  const fs::path photo = write("a.png");
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  sorter.note_photo(stays);
  sorter.note_photo(photo);
  sorter.sort(photo, "cat");
  EXPECT_TRUE(sorter.finish().companions.empty());
  EXPECT_TRUE(fs::exists(stays));
}

TEST_F(SortCompanionsTest, PicturesThatDoNotComeGoAlongInTheEnd) {
  const fs::path photo = write("a.png");
  write("a.jpg");
  write("a.jpg.xmp");
  for (const bool is_dry_run : {true, false}) {
    PhotoSorter sorter = this->sorter(JournalAction::kMove, is_dry_run);
    sorter.note_photo(photo);
    EXPECT_TRUE(sorter.sort(photo, "cat").companions.empty());
    const PhotoSorter::Placement placement = sorter.finish();
    EXPECT_EQ(placement.companions.size(), 2U);
    EXPECT_TRUE(placement.problems.empty());
  }
  EXPECT_EQ(files(out_), (Names{"cat/a.jpg", "cat/a.jpg.xmp", "cat/a.png"}));
  EXPECT_EQ(files(in_), Names{});
}

TEST_F(SortCompanionsTest, NamesOfThoseThatWaitAreKeptFree) {
  const fs::path photo = write("a.png");
  write("a.jpg");
  fs::create_directories(in_ / "more");
  const fs::path same_name = write("more/a.jpg");
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  sorter.sort(photo, "cat");
  EXPECT_EQ(sorter.sort(same_name, "cat").target, out_ / "cat/a-2.jpg");
  EXPECT_TRUE(sorter.finish().problems.empty());
  EXPECT_EQ(content(out_ / "cat/a.jpg"), "a.jpg");
}

TEST_F(SortCompanionsTest, OneThatCannotGoIsReportedAndTheOthersGo) {
  const fs::path photo = write("a.jpg");
  write("a.CR2");
  write("raw");
  fs::create_symlink("raw", in_ / "a.AAE");
  fs::create_directory(in_ / "a.folder");
  const PhotoSorter::Placement placement = sorter(JournalAction::kMove).sort(photo, "cat");
  ASSERT_EQ(placement.problems.size(), 1U);
  EXPECT_NE(placement.problems[0].find("a.AAE: is a symbolic link"), std::string::npos);
  EXPECT_EQ(files(out_), (Names{"cat/a.jpg", "cat/a.CR2"}));
  EXPECT_TRUE(fs::is_symlink(in_ / "a.AAE"));
}

TEST_F(SortCompanionsTest, ASecondRunBringsWhatIsMissing) {
  const fs::path photo = write("a.jpg");
  sorter(JournalAction::kCopy).sort(photo, "cat");
  write("a.CR2");
  const PhotoSorter::Placement placement = sorter(JournalAction::kCopy).sort(photo, "cat");
  EXPECT_FALSE(placement.is_new);
  EXPECT_EQ(placement.companions.size(), 1U);
  EXPECT_EQ(files(out_), (Names{"cat/a.jpg", "cat/a.CR2"}));
  EXPECT_TRUE(sorter(JournalAction::kCopy).sort(photo, "cat").companions.empty());
}

TEST_F(SortCompanionsTest, ManyOfOneNameGetTheNextNumbers) {
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  for (int i = 1; i <= 6; ++i) {
    const std::string folder = std::to_string(i) + "/";
    fs::create_directories(in_ / folder);
    const fs::path photo = write(folder + "a.jpg");
    if (i == 4) write(folder + "a.CR2");
    if (i == 2) folder_.write("out/cat/a-3.CR2", "another");
    const std::string name = i == 1 ? "a.jpg" : std::string("a-").append(std::to_string(i)) + ".jpg";
    EXPECT_EQ(sorter.sort(photo, "cat").target, out_ / "cat" / name);
  }
  EXPECT_TRUE(fs::exists(out_ / "cat/a-4.CR2"));
}

TEST_F(SortCompanionsTest, LongNamesAreCutWhereANumberIsNeeded) {
  const std::string stem(250, 'x');
  const fs::path photo = write(stem + ".jpg");
  write(stem + ".json");
  fs::create_directories(out_ / "cat");
  folder_.write("out/cat/" + stem + ".jpg", "another");
  EXPECT_EQ(sorter(JournalAction::kMove).sort(photo, "cat").target,
            out_ / "cat" / (std::string(248, 'x') + "-2.jpg"));
  EXPECT_TRUE(fs::exists(out_ / "cat" / (std::string(248, 'x') + "-2.json")));
}

TEST_F(SortCompanionsTest, PathsThatTheSystemWouldCutAreRefused) {
  using namespace std::string_literals;
  const fs::path photo = write("a.jpg");
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  for (const std::string& path :
       {photo.string() + "\0b.jpg\0"s, photo.string() + std::string(50'000'000, '\0')})
    expect_error(ErrorKind::kOutput, "holds a NUL byte", [&] { sorter.sort(path, "cat"); });
  expect_error(ErrorKind::kOutput, "is a path of",
               [&] { sorter.sort(folder_.path() / std::string(5'000'000, 'x'), "cat"); });
  EXPECT_EQ(files(in_), Names{"a.jpg"});
  EXPECT_FALSE(fs::exists(out_));
}

}  // namespace
}  // namespace clipcls
