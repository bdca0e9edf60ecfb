#include "cli/flags/standard_input.h"

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(StandardInput, IsReadByOneFlag) {
  require_inputs_once({{"--labels", "-"}, {"--templates", "a.txt"}, {"--files-from", ""}});
  expect_error(ErrorKind::kUsage, "--labels - and --templates - are both standard input", [] {
    require_inputs_once({{"--labels", "-"}, {"--templates", "-"}});
  });
  expect_error(ErrorKind::kUsage, "'-' is given more than once", [] {
    require_inputs_once({{"IMAGE", "-"}, {"IMAGE", "-"}});
  });
}

TEST(StandardInput, AFileMayBeReadTwice) {
  require_inputs_once({{"--labels", __FILE__}, {"--templates", __FILE__}});
}

TEST(StandardInput, IsADashOrALinkToIt) {
  EXPECT_TRUE(is_standard_input("-"));
  EXPECT_FALSE(is_standard_input(""));
  EXPECT_FALSE(is_standard_input("./-"));
  EXPECT_FALSE(is_standard_input(__FILE__));
}

TEST(NamedInputs, AreJoinedInOrder) {
  EXPECT_EQ(joined({{"--a", "1"}}, {{"--b", "2"}, {"--c", "3"}}),
            (NamedInputs{{"--a", "1"}, {"--b", "2"}, {"--c", "3"}}));
}

}  // namespace
}  // namespace clipcls
