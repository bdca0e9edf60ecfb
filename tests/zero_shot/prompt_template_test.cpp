#include "zero_shot/prompt_template.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

TEST(PromptTemplate, PutsTheLabelInItsPlace) {
  EXPECT_EQ(PromptTemplate("a photo of a {}.").fill("aquarium_fish"), "a photo of a aquarium_fish.");
  EXPECT_EQ(PromptTemplate("{}").fill("shark"), "shark");
  EXPECT_EQ(PromptTemplate("{} !").fill("a {} b"), "a {} b !");
}

TEST(PromptTemplate, NeedsExactlyOnePlaceholder) {
  expect_error(ErrorKind::kLabels, "\"a photo\" must have exactly one {}", [] { PromptTemplate("a photo"); });
  expect_error(ErrorKind::kLabels, "exactly one {}", [] { PromptTemplate("{} and {}"); });
  expect_error(ErrorKind::kLabels, "exactly one {}", [] { PromptTemplate(""); });
}

TEST(FindPromptTemplates, ReadsOneALine) {
  const TemporaryFolder folder;
  const auto templates =
      find_prompt_templates(folder.write("t.txt", "\xEF\xBB\xBF# two\ra {}\r\n\nthe {}\u00A0\n"));
  ASSERT_EQ(templates.size(), 2U);
  EXPECT_EQ(templates[1].fill("cat"), "the cat");
}

}  // namespace
}  // namespace clipcls
