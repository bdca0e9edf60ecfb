#include "cli/results/run_settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace clipcls {
namespace {

LabelRequest labels_named(const std::vector<std::string>& names) {
  LabelSet labels;
  for (const std::string& name : names) labels.labels.push_back({name, {}, {}, {}, {}});
  LabelRequest request;
  request.labels = std::make_shared<const LabelSet>(labels);
  return request;
}

std::string value_of(const RunSettings& settings, const std::string& name) {
  const auto found = std::ranges::find(settings, name, &RunSetting::name);
  return found == settings.end() ? "not there" : found->value;
}

TEST(RunSettings, AFlagThatNobodyThoughtOfIsCompared) {
  const RunSettings settings =
      run_settings({{"--brand-new", "7"}, {"--top-k", "5"}, {"--background", ""}}, labels_named({"cat"}));
  EXPECT_EQ(value_of(settings, "--brand-new"), "7");
  EXPECT_EQ(value_of(settings, "--top-k"), "5");
  EXPECT_EQ(value_of(settings, "--background"), "none");
}

TEST(RunSettings, WhatDecidesNoRowsIsNotCompared) {
  const RunSettings settings = run_settings(
      {{"--output", "rows.csv"}, {"--threads", "2"}, {"--quiet", "yes"}, {"--files-from", "list"}},
      labels_named({"cat"}));
  for (const char* flag : {"--output", "--threads", "--quiet", "--files-from"})
    EXPECT_EQ(value_of(settings, flag), "not there");
}

TEST(RunSettings, LabelsAreComparedByWhatTheyAre) {
  const auto list_of = [](const std::vector<std::string>& names) {
    return value_of(run_settings({{"--labels", "a.txt"}}, labels_named(names)), "label list");
  };
  EXPECT_EQ(list_of({"cat", "dog"}), list_of({"cat", "dog"}));
  EXPECT_NE(list_of({"cat", "dog"}), list_of({"dog", "cat"}));
  EXPECT_NE(list_of({"cat", "dog"}), list_of({"cat"}));
  LabelRequest request = labels_named({"cat"});
  request.none = {"a photo."};
  const RunSettings settings = run_settings({{"--labels", "a.txt"}}, request);
  EXPECT_EQ(value_of(settings, "--labels"), "not there");
  EXPECT_EQ(value_of(settings, "list of templates"), "the model's own");
  EXPECT_NE(value_of(settings, "--none").find("1 prompts"), std::string::npos);
}

}  // namespace
}  // namespace clipcls
