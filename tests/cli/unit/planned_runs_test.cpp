#include "cli/flags/planned_runs.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

RunFlags flags_of_everything() {
  RunFlags flags;
  flags.model.model = "everyday";
  flags.labels.labels = "a.txt";
  flags.labels.prompts.label = {"more"};
  flags.labels.prompts.templates = {"a {}"};
  flags.labels.prompts.templates_file = "openai";
  flags.scores.calibration = "calibration.json";
  return flags;
}

TEST(RunVariant, TakesThePlaceOfWhatItNames) {
  const RunFlags flags =
      apply(parse_run_variant("x:labels=b.txt,model=ViT-B/32,precision=int8"), flags_of_everything());
  EXPECT_EQ(flags.labels.labels, "b.txt");
  EXPECT_EQ(flags.labels.prompts.label, std::vector<std::string>());  // they belonged to the other list
  EXPECT_EQ(flags.model.model, "ViT-B/32");
  EXPECT_EQ(flags.model.precision, Precision::kInt8);
  EXPECT_EQ(flags.labels.prompts.templates_file, "openai");
  EXPECT_EQ(flags.labels.prompts.templates, std::vector<std::string>{"a {}"});
}

TEST(RunVariant, TemplatesTakeThePlaceOfAllOthers) {
  const RunFlags one = apply(parse_run_variant("x:template=the {}"), flags_of_everything());
  EXPECT_EQ(one.labels.prompts.templates, std::vector<std::string>{"the {}"});
  EXPECT_EQ(one.labels.prompts.templates_file, "");
  const RunFlags set = apply(parse_run_variant("x:templates=simple"), flags_of_everything());
  EXPECT_EQ(set.labels.prompts.templates, std::vector<std::string>());
  EXPECT_EQ(set.labels.prompts.templates_file, "simple");
  EXPECT_EQ(set.labels.prompts.label, std::vector<std::string>{"more"});
}

TEST(RunFlags, NameTheirFiles) {
  EXPECT_EQ(
      flags_of_everything().inputs(),
      (NamedInputs{{"--labels", "a.txt"}, {"--templates", "openai"}, {"--calibration", "calibration.json"}}));
}

}  // namespace
}  // namespace clipcls
