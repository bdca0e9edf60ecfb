#include "clipcls/zero_shot/labels.h"

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
  expect_error(ErrorKind::kLabels, "list.txt:1: is not UTF-8",
               [] { parse_labels(std::string("c\0t\n", 4), "list.txt"); });
  expect_error(ErrorKind::kLabels, "list.txt:1: is not UTF-8",
               [] { parse_labels("\xED\xA0\x80\n", "list.txt"); });
}

TEST(RequireLabel, WantsOneLineOfText) {
  require_label("# 1", "--label");
  expect_error(ErrorKind::kLabels, "--label: \" \" is not one line", [] { require_label(" ", "--label"); });
  expect_error(ErrorKind::kLabels, "is not one line", [] { require_label("", "--label"); });
  expect_error(ErrorKind::kLabels, "--label: is not UTF-8", [] { require_label("\xFF", "--label"); });
}

TEST(FoldLabel, SeesPastCaseNormalFormUnderscoresAndBlanks) {
  EXPECT_EQ(fold_label(" Aquarium_Fish "), "aquarium fish");
  EXPECT_EQ(fold_label("aquarium \t fish"), "aquarium fish");
  EXPECT_EQ(fold_label("Cafe\u0301"), fold_label("CAF\u00C9"));
  EXPECT_EQ(fold_label("Stra\u00DFe"), "strasse");
  EXPECT_EQ(fold_label("__"), "");
}

}  // namespace
}  // namespace clipcls
