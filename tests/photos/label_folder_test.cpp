#include "clipcls/photos/label_folder.h"

#include <gtest/gtest.h>

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
  expect_error(ErrorKind::kUsage, "sorted/{label}", [] { LabelFolder("sorted"); });
  expect_error(ErrorKind::kUsage, "{year}", [] { LabelFolder("{year}/{label}"); });
}

}  // namespace
}  // namespace clipcls
