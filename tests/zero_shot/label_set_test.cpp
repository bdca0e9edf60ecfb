#include "clipcls/zero_shot/label_set.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Texts = std::vector<std::string>;

Texts names(const LabelSet& label_set) {
  Texts result;
  for (const Label& label : label_set.labels) result.push_back(label.name);
  return result;
}

TEST(ParseLabelSet, TakesPromptsBehindTabs) {
  const LabelSet set = parse_label_set("cat\ta cat.\t a kitten. \n# no\tlabel\ndog\nfish\t\t\n", "x");
  EXPECT_EQ(names(set), (Texts{"cat", "dog", "fish"}));
  EXPECT_EQ(set.labels[0].prompts, (Texts{"a cat.", "a kitten."}));
  EXPECT_TRUE(set.labels[1].prompts.empty());
  EXPECT_TRUE(set.labels[2].prompts.empty());
  EXPECT_FALSE(set.weights);
}

TEST(ParseLabelSet, TakesAPartOfBlanksForNone) {
  const LabelSet set = parse_label_set("cat\v\t\v\ta cat.\r\n", "x");
  EXPECT_EQ(set.labels[0].name, "cat");
  EXPECT_EQ(set.labels[0].prompts, (Texts{"a cat."}));
}

TEST(ParseLabelSet, TakesJson) {
  EXPECT_EQ(names(parse_label_set(R"(["cat", "dog"])", "x")), (Texts{"cat", "dog"}));
  const LabelSet mapped =
      parse_label_set("\xEF\xBB\xBF \n {\"b\": [\"a b.\", \"the b\"], \"a\": \"an a\", \"c\": []}", "x");
  EXPECT_EQ(names(mapped), (Texts{"b", "a", "c"}));
  EXPECT_EQ(mapped.labels[0].prompts, (Texts{"a b.", "the b"}));
  EXPECT_EQ(mapped.labels[1].prompts, (Texts{"an a"}));
  const LabelSet objects = parse_label_set(
      R"(["x", {"label": "cat", "synonyms": ["kitty"], "negative_prompts": ["no cat"]}, {"label": "pet", "bin": ["cat", "dog"]}])",
      "x");
  EXPECT_EQ(objects.labels[1].synonyms, Texts{"kitty"});
  EXPECT_EQ(objects.labels[1].negative_prompts, Texts{"no cat"});
  EXPECT_EQ(objects.labels[2].bin, (Texts{"cat", "dog"}));
}

TEST(ParseLabelSet, ALabelMayStartWithABracket) {
  EXPECT_EQ(names(parse_label_set("[REC] film\n{x\n", "x.txt")), (Texts{"[REC] film", "{x"}));
}

TEST(ParseLabelSet, NamesTheFieldThatIsWrong) {
  const auto expect = [](const char* part, const char* text) {
    expect_error(ErrorKind::kLabels, part, [&] { parse_label_set(text, "l.json"); });
  };
  expect("l.json: is not JSON", "[\"cat\",");
  expect("has no label", "[]");
  expect("label 1 is 7", R"(["cat", 7])");
  expect("label 0 is {\"name\":\"cat\"}", R"([{"name": "cat"}])");
  expect("field prompt of label \"cat\" is not known", R"([{"label": "cat", "prompt": "x"}])");
  expect("field prompts of label \"cat\" is 3", R"([{"label": "cat", "prompts": 3}])");
  expect("is not one line of text", R"([" "])");
  expect("has a bin, and prompts", R"([{"label": "cat", "bin": ["x"], "prompts": ["y"]}])");
  expect("field format is \"x\"", R"({"format": "x", "format_version": 1, "labels": []})");
  expect("field format_version is 2", R"({"format": "clipcls-labels", "format_version": 2, "labels": []})");
}

LabelSet weighted() {
  LabelSet set;
  set.labels = {{"cat", {"a \"cat\"."}, {}, {}, {"nothing"}}, {"犬", {}, {"dog"}, {}, {}}};
  set.weights = LabelWeights{"m", "01", "02", Matrix(2, 2), {1, 0.3}, {0, -1.0 / 3}};
  set.weights->class_embeddings.values = {0.6F, -0.8F, 0.28F, 0.96F};
  return set;
}

TEST(ParseLabelSet, RefusesDeepNesting) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  expect_error(ErrorKind::kLabels, "x.json: is nested too deeply", [&] { parse_label_set(deep, "x.json"); });
}

TEST(WriteLabelSet, IsReadBackBitForBit) {
  const LabelSet set = weighted();
  const LabelSet read = parse_label_set(write_label_set(set), "x.json");
  ASSERT_TRUE(read.weights);
  EXPECT_EQ(names(read), names(set));
  EXPECT_EQ(read.labels[0].prompts, set.labels[0].prompts);
  EXPECT_EQ(read.labels[0].negative_prompts, set.labels[0].negative_prompts);
  EXPECT_EQ(read.labels[1].synonyms, set.labels[1].synonyms);
  EXPECT_EQ(read.weights->class_embeddings.values, set.weights->class_embeddings.values);
  EXPECT_EQ(read.weights->norms, set.weights->norms);
  EXPECT_EQ(read.weights->biases, set.weights->biases);
  EXPECT_EQ(read.weights->model + read.weights->image_fingerprint + read.weights->text_fingerprint, "m0102");
  EXPECT_FALSE(parse_label_set(write_label_set({set.labels, std::nullopt}), "x.json").weights);
}

TEST(ParseLabelSet, RefusesWeightsThatCannotBe) {
  const std::string good = write_label_set(weighted());
  const auto expect = [&](const char* part, const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    expect_error(ErrorKind::kLabels, part, [&] { parse_label_set(bad, "l.json"); });
  };
  expect("field embedding of label 1 is null", "0.28", "null");
  expect("field embedding of label 0 has 3 numbers", "[0.6", "[0,0.6");
  expect("field embedding of label 0 is not of length one", "0.6", "0.7");
  expect("field embed_dim is -1", "\"embed_dim\": 2", "\"embed_dim\": -1");
  expect("field norm of label 1 is \"x\"", "0.3", "\"x\"");
  expect("field text_fingerprint is missing", "\"text_fingerprint\"", "\"other\"");
}

TEST(FillPrompts, TemplatesOrPromptsSynonymsAndBins) {
  const std::vector<PromptTemplate> templates = {PromptTemplate("a {}."), PromptTemplate("the {}")};
  const PromptRows rows = fill_prompts({{{"cat", {}, {}, {}, {}},
                                         {"dog", {"a good {}!", "{}{}"}, {"hound"}, {}, {}},
                                         {"pet", {}, {}, {"cat", "dog"}, {}}},
                                        std::nullopt},
                                       templates);
  EXPECT_EQ(rows.prompts, (std::vector<Texts>{{"a cat.", "the cat"},
                                              {"a good dog!", "dogdog", "a hound.", "the hound"},
                                              {"a cat.", "the cat"},
                                              {"a dog.", "the dog"}}));
  EXPECT_EQ(rows.label_of_row, (std::vector<std::size_t>{0, 1, 2, 2}));
}

TEST(FindLabelSet, KnowsCifar100) {
  const Texts labels = names(find_label_set("cifar100"));
  ASSERT_EQ(labels.size(), 100U);
  EXPECT_EQ(labels.front(), "apple");
  EXPECT_EQ(labels[1], "aquarium_fish");
  EXPECT_EQ(labels.back(), "worm");
}

TEST(FindLabelSet, PrefersAFileAndNamesTheBuiltInListsOtherwise) {
  const TemporaryFolder folder;
  EXPECT_EQ(names(find_label_set(folder.write("labels.txt", "one\n"))), (Texts{"one"}));
  expect_error(ErrorKind::kLabels, "nor a built-in label list (cifar100)",
               [] { find_label_set("no-such-list"); });
  expect_error(ErrorKind::kLabels, "is a folder", [&] { find_label_set(folder.path().string()); });
}

}  // namespace
}  // namespace clipcls
