#include "evaluation/labelled_images.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Texts = std::vector<std::string>;

/// A folder with an empty file at each of `names`.
class Pictures {
 public:
  explicit Pictures(const Texts& names) {
    for (const std::string& name : names) {
      std::filesystem::create_directories((folder_.path() / name).parent_path());
      folder_.write(name, "");
    }
  }

  std::string path() const { return folder_.path().string(); }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  TemporaryFolder folder_;
};

TEST(LabelledImages, AFolderIsAClassAtAnyDepth) {
  const Pictures pictures({"dog/b.png", "dog/a.png", "cat/deep/c.jpg", "cat/.DS_Store", "notes.txt"});
  const LabelledImages images = read_labelled_images(pictures.path());
  EXPECT_EQ(images.class_names, (Texts{"cat", "dog"}));
  EXPECT_EQ(images.paths,
            (Texts{pictures.path("cat/deep/c.jpg"), pictures.path("dog/a.png"), pictures.path("dog/b.png")}));
  EXPECT_EQ(images.classes, (std::vector<std::size_t>{0, 1, 1}));
}

// The invisible character is U+200B; a disk lists the two folders in any order.
TEST(LabelledImages, FoldersWhoseNamesLookAlikeAreOneClassInTheOrderOfTheirNames) {
  const Pictures pictures({"cat\xE2\x80\x8B/a.png", "cat/b.png"});
  const LabelledImages images = read_labelled_images(pictures.path());
  EXPECT_EQ(images.class_names, Texts{"cat"});
  EXPECT_EQ(images.paths, (Texts{pictures.path("cat/b.png"), pictures.path("cat\xE2\x80\x8B/a.png")}));
}

TEST(LabelledImages, ATableHasPathsRelativeToItself) {
  const TemporaryFolder folder;
  const std::string by_place = folder.write("a.csv", "x.png, dog \nsub/y.png,cat\n");
  const std::string by_name = folder.write("b.csv", "label,width,path\ndog,3,x.png\n\"a, b\",4,y.png\n");
  const LabelledImages first = read_labelled_images(by_place);
  EXPECT_EQ(first.class_names, (Texts{"cat", "dog"}));
  EXPECT_EQ(first.paths, (Texts{(folder.path() / "sub/y.png").string(), (folder.path() / "x.png").string()}));
  const LabelledImages second = read_labelled_images(by_name);
  EXPECT_EQ(second.class_names, (Texts{"a, b", "dog"}));
}

TEST(LabelledImages, ErrorsNameThePlace) {
  const Pictures empty_class({"cat/a.png", "dog/readme.txt"});
  const Pictures flat({"a.png"});
  const TemporaryFolder folder;
  const auto fails = [](const std::string& part, const std::string& source) {
    expect_error(ErrorKind::kInvalidArgument, part, [&] { read_labelled_images(source); });
  };
  fails("dog: has no picture", empty_class.path());
  fails("has no folders", flat.path());
  fails("no such folder or CSV file", "/nonexistent");
  fails("t.csv:2: has 1 cells", folder.write("t.csv", "a.png,cat\nb.png\n"));
  fails("u.csv:1: has an empty cell", folder.write("u.csv", "a.png,\n"));
  fails("v.csv: has no rows", folder.write("v.csv", "path,label\n"));
}

TEST(LabelledImages, ClassesAreMatchedWithLabelsByNameThenByFoldedName) {
  LabelledImages images;
  images.class_names = {"Aquarium Fish", "cat"};
  EXPECT_EQ(match_classes(images, {"cat", "aquarium_fish", "dog"}, "DIR", "labels"),
            (std::vector<std::size_t>{1, 0}));
  // Two that are equal but for case: neither is meant.
  images.class_names = {"CAT"};
  expect_error(ErrorKind::kInvalidArgument, "DIR: 1 of its 1 classes are no labels of labels: \"CAT\"", [&] {
    match_classes(images, {"cat", "Cat"}, "DIR", "labels");
  });
  images.class_names = {"a", "b", "c", "d", "e", "f", "g"};
  expect_error(ErrorKind::kInvalidArgument, "\"e\" and 2 more",
               [&] { match_classes(images, {"cat"}, "DIR", "labels"); });
}

}  // namespace
}  // namespace clipcls
