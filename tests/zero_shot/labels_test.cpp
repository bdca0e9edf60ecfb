#include "zero_shot/labels.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Labels = std::vector<std::string>;

TEST(ParseLabels, SkipsBlankLinesCommentsAndBlanksAround) {
  EXPECT_EQ(parse_labels("# animals\ncat\n\n  dog \t\n   # more\nfish", "x"), (Labels{"cat", "dog", "fish"}));
}

TEST(ParseLabels, ReadsWindowsFilesWithAByteOrderMark) {
  EXPECT_EQ(parse_labels("\xEF\xBB\xBF"
                         "cat\r\ndog\r\n",
                         "x"),
            (Labels{"cat", "dog"}));
}

TEST(ParseLabels, KeepsLabelsAsTheyAreWritten) {
  EXPECT_EQ(parse_labels("aquarium_fish\nC# code\n犬\nT-shirt, \"jersey\"\n", "x"),
            (Labels{"aquarium_fish", "C# code", "犬", "T-shirt, \"jersey\""}));
}

TEST(ParseLabels, EveryLineEndEndsALine) {
  EXPECT_EQ(parse_labels("cat\rdog\r\rfish\r", "x"), (Labels{"cat", "dog", "fish"}));
  EXPECT_EQ(parse_labels("# a\rcat\r\ndog\nfish", "x"), (Labels{"cat", "dog", "fish"}));
}

TEST(ParseLabels, LeavesOutWhatNobodySeesAroundALabel) {
  EXPECT_EQ(parse_labels("\u200Bcat\n\u00A0shark\u3000\n\u00A0\n\uFEFF# no\nhot\u00A0dog\n", "x"),
            (Labels{"cat", "shark", "hot\u00A0dog"}));
}

TEST(ParseLabels, TakesNoMoreThanTenMillion) {
  std::string text;
  for (int i = 0; i <= 10'000'000; ++i) text += "a\n";
  expect_error(ErrorKind::kLabels, "x: has more than 10000000 entries", [&] { parse_labels(text, "x"); });
}

TEST(ParseLabels, KeepsDuplicatesAsImageNetHasThem) {
  EXPECT_EQ(parse_labels("crane\ncrane\n", "x"), (Labels{"crane", "crane"}));
}

TEST(ParseLabels, RefusesAnEmptyList) {
  expect_error(ErrorKind::kLabels, "list.txt: has no entry",
               [] { parse_labels("\n# nothing\n", "list.txt"); });
  expect_error(ErrorKind::kLabels, "list.txt: has no entry", [] { parse_labels("", "list.txt"); });
}

TEST(ParseLabels, NamesTheLineThatIsNotText) {
  expect_error(ErrorKind::kLabels, "list.txt:2: is not UTF-8",
               [] { parse_labels("cat\nd\xFFg\n", "list.txt"); });
  expect_error(ErrorKind::kLabels, "list.txt:2: has a NUL byte",
               [] { parse_labels(std::string("a\rc\0t\n", 6), "list.txt"); });
  expect_error(ErrorKind::kLabels, "list.txt:1: is not UTF-8",
               [] { parse_labels("\xED\xA0\x80\n", "list.txt"); });
}

TEST(RequireLabel, WantsOneLineOfText) {
  require_label("# 1", "--label");
  expect_error(ErrorKind::kLabels, "--label: \" \" is an empty label", [] { require_label(" ", "--label"); });
  expect_error(ErrorKind::kLabels, "is an empty label", [] { require_label("", "--label"); });
  expect_error(ErrorKind::kLabels, "is not one line", [] { require_label("a\rb", "--label"); });
  expect_error(ErrorKind::kLabels, "is an empty label", [] { require_label("\u00A0\u200B", "--label"); });
  expect_error(ErrorKind::kLabels, "--label: is not UTF-8", [] { require_label("\xFF", "--label"); });
  expect_error(ErrorKind::kLabels, "--label: has a NUL byte",
               [] { require_label(std::string_view("\0", 1), "--label"); });
  EXPECT_EQ(clean_label("\u200B a  b\u00A0", "--label"), "a  b");
}

TEST(FoldLabel, SeesPastCaseNormalFormUnderscoresAndBlanks) {
  EXPECT_EQ(fold_label(" Aquarium_Fish "), "aquarium fish");
  EXPECT_EQ(fold_label("aquarium \t fish"), "aquarium fish");
  EXPECT_EQ(fold_label("Cafe\u0301"), fold_label("CAF\u00C9"));
  EXPECT_EQ(fold_label("Stra\u00DFe"), "strasse");
  EXPECT_EQ(fold_label("\u200BCat\uFEFF"), "cat");
  EXPECT_EQ(fold_label("__"), "");
}

}  // namespace
}  // namespace clipcls
