// find_label_set(): files, built-in lists, and words between commas.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "zero_shot/label_set.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

using Words = std::vector<std::string>;

Words names_of(const LabelSet& set) {
  Words words;
  for (const Label& label : set.labels) words.push_back(label.name);
  return words;
}

TEST(FindLabelSet, KnowsTheBuiltInLists) {
  const Words ten = names_of(find_label_set("cifar10"));
  EXPECT_EQ(ten.size(), 10U);
  EXPECT_EQ(ten.back(), "truck");
  const Words labels = names_of(find_label_set("cifar100"));
  ASSERT_EQ(labels.size(), 100U);
  EXPECT_EQ(labels.front(), "apple");
  EXPECT_EQ(labels[1], "aquarium_fish");
  EXPECT_EQ(labels.back(), "worm");
}

TEST(FindLabelSet, BuiltInListsHaveTheirTemplates) {
  EXPECT_TRUE(find_label_set("cifar100").templates.empty());
  for (const std::string& name : builtin_label_list()) {
    const LabelSet set = find_label_set(name);
    EXPECT_GE(set.labels.size(), 2U) << name;
    EXPECT_EQ(set.templates.empty(), name == "cifar10" || name == "cifar100") << name;
  }
  const LabelSet food = find_label_set("food101");
  ASSERT_EQ(food.labels.size(), 101U);
  EXPECT_EQ(fill_prompts(food, food.templates).prompts[1],
            Words{"a photo of baby back ribs, a type of food."});
  const LabelSet faces = find_label_set("fer2013");
  EXPECT_EQ(faces.labels[3].synonyms, Words{"smiling"});
  const LabelSet imagenet = find_label_set("imagenet");
  ASSERT_EQ(imagenet.labels.size(), 1000U);
  EXPECT_EQ(imagenet.labels.front().name, "tench");
  EXPECT_EQ(imagenet.labels.back().name, "toilet paper");
  EXPECT_EQ(imagenet.templates.size(), 80U);
}

TEST(FindLabelSet, TakesWordsBetweenCommas) {
  EXPECT_EQ(names_of(find_label_set("cat,dog, hot dog")), (Words{"cat", "dog", "hot dog"}));
  expect_error(ErrorKind::kLabels, "is an empty label", [] { find_label_set("cat,,dog"); });
  expect_error(ErrorKind::kLabels, "cat, ends with a comma; write cat,dog or 'cat, dog'",
               [] { find_label_set("cat,"); });
  expect_error(ErrorKind::kLabels, "lists/a,b: no such file", [] { find_label_set("lists/a,b"); });
}

TEST(FindLabelSet, PrefersAFileAndNamesTheBuiltInListsOtherwise) {
  const TemporaryFolder folder;
  EXPECT_EQ(names_of(find_label_set(folder.write("labels.txt", "one\n"))), (Words{"one"}));
  expect_error(ErrorKind::kLabels, "nor a built-in label list (birdsnap, caltech101, ",
               [] { find_label_set("no-such-list"); });
  expect_error(ErrorKind::kLabels, "perhaps cifar10 is meant; labels are written cat,dog",
               [] { find_label_set("cifar10O"); });
  expect_error(ErrorKind::kLabels, "is a folder", [&] { find_label_set(folder.path().string()); });
}

TEST(FindLabelSet, AFileTakesTheNameOfABuiltInListAndAFolderDoesNot) {
  EXPECT_TRUE(names_list_file("-", false));
  const TemporaryFolder folder;
  const std::string file = folder.write("cifar100", "one\n");
  EXPECT_TRUE(names_list_file(file, true));
  EXPECT_FALSE(names_list_file(folder.path().string(), true));
  EXPECT_TRUE(names_list_file(folder.path().string(), false));
  EXPECT_FALSE(names_list_file((folder.path() / "none").string(), true));
}

}  // namespace
}  // namespace clipcls
