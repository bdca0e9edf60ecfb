#include "clipcls/labels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

TEST(PublicLabels, AreNamesOfWhichEachCountsOnce) {
  const Labels labels = {"cat", " hot dog ", "cat"};
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0], "cat");
  EXPECT_EQ(labels[1], "hot dog");
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_EQ(Labels(names).size(), 2U);
}

TEST(PublicLabels, ComeFromAFileOrABuiltInList) {
  EXPECT_EQ(Labels::read("cifar100").size(), 100U);
  const TemporaryFolder folder;
  const Labels text = Labels::read(folder.write("labels.txt", "# animals\ncat\n\nhot dog\n"));
  ASSERT_EQ(text.size(), 2U);
  EXPECT_EQ(text[1], "hot dog");
  const Labels json =
      Labels::read(folder.write("labels.json", R"({"cat": ["a cat.", "a kitten."], "dog": []})"));
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0], "cat");
  EXPECT_EQ(Labels::parse("a\nb\nc\n").size(), 3U);
}

TEST(PublicLabels, ErrorsNameTheList) {
  expect_error(ErrorKind::kLabels, "no label", [] { Labels(std::vector<std::string>()); });
  expect_error(ErrorKind::kLabels, "labels", [] { Labels({"cat", " "}); });
  expect_error(ErrorKind::kLabels, "cifar100", [] { Labels::read("no such list"); });
  expect_error(ErrorKind::kLabels, "mine", [] { Labels::parse("", "mine"); });
}

TEST(PublicLabels, TemplatesAreTexts) {
  const std::vector<std::string> templates = read_templates("simple");
  EXPECT_EQ(templates.size(), 7U);
  EXPECT_TRUE(std::ranges::all_of(
      templates, [](const std::string& text) { return text.find("{}") != std::string::npos; }));
  EXPECT_EQ(read_templates("openai").size(), 80U);
  const TemporaryFolder folder;
  EXPECT_EQ(read_templates(folder.write("templates.txt", "a drawing of {}.\n")),
            std::vector<std::string>{"a drawing of {}."});
  expect_error(ErrorKind::kLabels, "openai", [] { read_templates("no such set"); });
}

}  // namespace
}  // namespace clipcls
