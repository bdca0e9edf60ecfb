#include "cli/flags/run_variant.h"

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(RunVariant, ChangesWhatIsNamedAndNothingElse) {
  const RunVariant variant = parse_run_variant("better:templates=openai,precision=bf16");
  EXPECT_EQ(variant.name, "better");
  EXPECT_EQ(variant.templates_file, "openai");
  EXPECT_EQ(variant.precision, Precision::kBfloat16);
  EXPECT_FALSE(variant.labels);
  EXPECT_FALSE(variant.text_template);
  EXPECT_FALSE(variant.model);
}

TEST(RunVariant, ACommaPartsKeysAlone) {
  const RunVariant variant = parse_run_variant("a:template=a photo, of a {}, labels here,labels=x,y.txt");
  EXPECT_EQ(variant.text_template, "a photo, of a {}, labels here");
  EXPECT_EQ(variant.labels, "x,y.txt");
}

TEST(RunVariant, AValueMayHaveColonsAndEqualsSigns) {
  const RunVariant variant = parse_run_variant("a:model=hf:owner/name,labels=a=b.txt");
  EXPECT_EQ(variant.name, "a");
  EXPECT_EQ(variant.model, "hf:owner/name");
  EXPECT_EQ(variant.labels, "a=b.txt");
}

TEST(RunVariant, SaysWhatIsWrong) {
  const auto refuse = [](const std::string& text, const std::string& part) {
    expect_error(ErrorKind::kUsage, "--compare \"" + text + "\": " + part, [&] { parse_run_variant(text); });
  };
  refuse("labels=a", "has no name");
  refuse(":labels=a", "has no name");
  refuse("a:", "changes nothing");
  refuse("a:b:model=c", "\"b:model\" is not a key");
  refuse("a:label=x", "\"label\" is not a key");
  refuse("a:labels=", "the value of labels is empty");
  refuse("a:labels=,model=b", "the value of labels is empty");
  refuse("a:precision=fp8", "\"fp8\" is not a precision");
}

}  // namespace
}  // namespace clipcls
