#include "photos/label_folder.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(PathComponent, KeepsWhatAnyFileSystemTakes) {
  for (const char* label :
       {"shark", "hot dog", "aquarium_fish", "Crème brûlée", "犬", "a-b.c", "#1 fan", "it's"})
    EXPECT_EQ(path_component(label), label);
}

TEST(PathComponent, ReplacesSeparatorsAndControls) {
  EXPECT_EQ(path_component("a/b"), "a_b");
  EXPECT_EQ(path_component("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(path_component("a\\b:c*d?e\"f<g>h|i"), "a_b_c_d_e_f_g_h_i");
  EXPECT_EQ(path_component("a\nb\x1B\x7F"), "a_b__");
  EXPECT_EQ(path_component("a\u0085b"), "a_b");  // a C1 control, two bytes
}

TEST(PathComponent, IsNeverHiddenEmptyOrSpecial) {
  EXPECT_EQ(path_component("."), "_");
  EXPECT_EQ(path_component(".."), "_");
  EXPECT_EQ(path_component(""), "_");
  EXPECT_EQ(path_component(" . "), "_");
  EXPECT_EQ(path_component(".hidden"), "_hidden");
  EXPECT_EQ(path_component("  etc.  "), "etc");
}

TEST(PathComponent, IsCutBetweenCharacters) {
  EXPECT_EQ(path_component(std::string(300, 'x')), std::string(200, 'x'));
  std::string dogs;
  for (int i = 0; i < 100; ++i) dogs += "犬";  // three bytes each
  EXPECT_EQ(path_component(dogs), dogs.substr(0, 198));
}

TEST(PathComponent, IsNoDeviceOfWindows) {
  EXPECT_EQ(path_component("CON"), "CON_");
  EXPECT_EQ(path_component("nul"), "nul_");
  EXPECT_EQ(path_component("aux.txt"), "aux_.txt");
  EXPECT_EQ(path_component("Com1"), "Com1_");
  EXPECT_EQ(path_component("lpt9.tar.gz"), "lpt9_.tar.gz");
  EXPECT_EQ(path_component("COM\u00B9"), "COM\u00B9_");
  EXPECT_EQ(path_component("prn ..."), "prn_");
  EXPECT_EQ(path_component("con .x"), "con _.x");
  EXPECT_EQ(path_component("CON" + std::string(300, ' ') + "x"), "CON_");
  EXPECT_EQ(path_component("con." + std::string(300, 'x')), "con_." + std::string(195, 'x'));
  for (const char* label : {"console", "com", "COM10", "lpt", "auxiliary", "nul1", "com1x", "a.con"})
    EXPECT_EQ(path_component(label), label);
}

TEST(DistinctFolders, AreRequiredWhereverTheyLie) {
  const auto check = [](std::vector<std::string_view> labels) { require_distinct_folders(labels); };
  check({"cat", "dog", "hot dog", "hot_dog", "cat"});
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"Cat", "cat"},
                                                                             {"Caf\u00E9", "Cafe\u0301"},
                                                                             {"CAF\u00C9", "cafe\u0301"},
                                                                             {"a/b", "a:b"},
                                                                             {"Stra\u00DFe", "STRASSE"},
                                                                             {"cat", "cat."},
                                                                             {"CON", "con_"}}) {
    expect_error(ErrorKind::kLabels, "\"" + a + "\" and \"" + b + "\"", [&] { check({"dog", a, "x", b}); });
  }
}

TEST(LabelFolder, FillsEveryPlaceholder) {
  const LabelFolder folder("sorted/{label}/only-{label}");
  EXPECT_EQ(folder.of("a/b"), "sorted/a_b/only-a_b");
  EXPECT_EQ(folder.of("{label}"), "sorted/{label}/only-{label}");  // a label is no pattern
  EXPECT_EQ(folder.root(), "sorted");
  EXPECT_EQ(LabelFolder("{label}").root(), ".");
  EXPECT_EQ(LabelFolder("/{label}").root(), "/");
  EXPECT_EQ(LabelFolder("/a/b-{label}/c").root(), "/a");
}

TEST(LabelFolder, RefusesOtherPatterns) {
  expect_error(ErrorKind::kInvalidArgument, "sorted/{label}", [] { LabelFolder("sorted"); });
  expect_error(ErrorKind::kInvalidArgument, "{year}", [] { LabelFolder("{year}/{label}"); });
}

}  // namespace
}  // namespace clipcls
