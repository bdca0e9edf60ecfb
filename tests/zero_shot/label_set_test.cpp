#include "zero_shot/label_set.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "zero_shot/label_set_json_text.h"

namespace clipcls {
namespace {

using Texts = std::vector<std::string>;

Texts names(const LabelSet& label_set) {
  Texts result;
  for (const Label& label : label_set.labels) result.push_back(label.name);
  return result;
}

LabelSet weighted() {
  LabelSet set;
  set.labels = {{"cat", {"a \"cat\"."}, {}, {}, {"nothing"}}, {"犬", {}, {"dog"}, {}, {}}};
  set.weights = LabelWeights{"m", "01", "02", Matrix(2, 2), {1, 0.3}, {0, -1.0 / 3}};
  set.weights->class_embeddings.values = {0.6F, -0.8F, 0.28F, 0.96F};
  return set;
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

TEST(ParseLabelSet, TakesAnObjectWithLabels) {
  EXPECT_EQ(names(parse_label_set(R"({"labels": ["shark", {"label": "cat"}]})", "w.json")),
            (Texts{"shark", "cat"}));
  EXPECT_EQ(names(parse_label_set(R"({"labels": {"shark": [], "cat": "a cat"}})", "-")),
            (Texts{"shark", "cat"}));
  // A label of that name, whose prompt is a text.
  EXPECT_EQ(names(parse_label_set(R"({"labels": "a price tag", "box": []})", "x")), (Texts{"labels", "box"}));
  const auto expect = [](const char* part, const char* text) {
    expect_error(ErrorKind::kLabels, part, [&] { parse_label_set(text, "l.json"); });
  };
  expect("l.json: has a field labels and others, such as \"name\"", R"({"name": "pets", "labels": ["cat"]})");
  expect("l.json: field labels is \"cat\", expected a list", R"({"labels": "cat"})");
  expect("l.json: has no label", R"({"labels": []})");
  expect(R"(l.json: is "cat", expected a list of labels, as in ["cat", "dog"])", "\"cat\"");
}

TEST(ParseLabelSet, LeavesOutWhatNobodySeesInJson) {
  const LabelSet set = parse_label_set(
      R"([" cat\u00a0", {"label": "\u200bdog", "prompts": "\ufeffa dog.", "synonyms": ["hound "]}])", "x");
  EXPECT_EQ(names(set), (Texts{"cat", "dog"}));
  EXPECT_EQ(set.labels[1].prompts, Texts{"a dog."});
  EXPECT_EQ(set.labels[1].synonyms, Texts{"hound"});
}

TEST(ParseLabelSet, ALabelMayStartWithABracket) {
  EXPECT_EQ(names(parse_label_set("[REC] film\n{x\n", "x.txt")), (Texts{"[REC] film", "{x"}));
  EXPECT_EQ(names(parse_label_set("# films\n[1] one\n[2] two\n", "x.txt")), (Texts{"[1] one", "[2] two"}));
  EXPECT_EQ(names(parse_label_set("// no comment\ncat\n", "x.txt")), (Texts{"// no comment", "cat"}));
}

TEST(ParseLabelSet, NamesTheLineThatIsNoJson) {
  const auto expect = [](const std::string& part, const char* text) {
    // By its name, by a name of other case, and by how it begins.
    for (const std::string place : {"l.json", "l.JSON", "standard input"})
      expect_error(ErrorKind::kLabels, place + ": is not JSON: line " + part,
                   [&] { parse_label_set(text, place); });
  };
  expect("1 has a comment, and JSON has none", "// mine\n[\"shark\", \"cat\"]");
  expect("2 has a comment", "\n# mine\r[\"shark\", \"cat\"]");
  expect("1 has a comment", "/* mine */\n{\"shark\": []}");
  expect("2 has a comment", "[\"shark\",\r\n // a fish\n\"cat\"]");
  expect("4 has a comment", "[\"shark\"\r\r\r]# end");
  expect("2 has a comma before ], which is one too many", "[\"shark\", \"cat\",\n]");
  expect("1 has a comma before }, which is one too many", R"({"shark": [], })");
  expect("1 has a text in single quotes", "[\"shark\", 'cat']");
  expect("2 ends too early", "[\"shark\",\n");
  expect("2 is wrong at \"{\"label\": \"dog\"}\"", "{\"label\": \"cat\"}\n{\"label\": \"dog\"}\n");
  const auto expect_by_name = [](const std::string& part, const std::string& text) {
    expect_error(ErrorKind::kLabels, "l.json: is not JSON: line " + part,
                 [&] { parse_label_set(text, "l.json"); });
  };
  expect_by_name("1 is wrong at \"cat\"", "cat\ndog\n");
  expect_by_name("1 has a text in single quotes", "['cat']");
  expect_by_name("1 ends too early", "");
  expect_by_name("1 is wrong at", std::string("[\"a\0\"]", 7));
}

TEST(ParseLabelSet, RefusesAKeyThatIsThereTwice) {
  const auto expect = [](const char* key, const char* text) {
    expect_error(ErrorKind::kLabels, std::string("l.json: has the key ") + key + " twice in one object",
                 [&] { parse_label_set(text, "l.json"); });
  };
  expect("\"cat\"", R"({"cat": "a cat", "dog": [], "cat": "a kitten"})");
  expect("\"prompts\"", R"([{"label": "cat", "prompts": ["a"], "prompts": ["b"]}])");
  EXPECT_EQ(names(parse_label_set(R"([{"label": "cat"}, {"label": "dog"}])", "x")), (Texts{"cat", "dog"}));
}

TEST(ParseLabelJson, RefusesAnObjectWithoutAnEnd) {
  EXPECT_EQ(kMaxLabelKeys, 50'000U);  // so many take seconds
  std::string text = "{\"0\": []";
  for (int i = 1; i < 500; ++i) text += ",\"" + std::to_string(i) + "\": []";
  EXPECT_EQ(parse_label_json(text + "}", "l.json", 500)->size(), 500U);
  expect_error(ErrorKind::kLabels, "l.json: has more than 500 keys in one object; give a list",
               [&] { parse_label_json(text + ",\"500\": []}", "l.json", 500); });
}

RepeatedLabels drop_repeated(std::string_view text, const Texts& expected) {
  LabelSet set = parse_label_set(text, "x");
  RepeatedLabels repeated = drop_repeated_labels(set);
  EXPECT_EQ(names(set), expected);
  return repeated;
}

TEST(DropRepeatedLabels, ALabelCountsOnceWhereItStandsFirst) {
  const RepeatedLabels repeated =
      drop_repeated("shark\ncat\nshark\n dog\ncat\u00A0\ncat\n", {"shark", "cat", "dog"});
  EXPECT_EQ(repeated.first, "shark");
  EXPECT_EQ(repeated.count, 3U);
  EXPECT_EQ(drop_repeated("shark\nShark\ncat\n", {"shark", "Shark", "cat"}).count, 0U);
  EXPECT_EQ(drop_repeated("cat\ta cat.\ncat\ncat\ta cat.\n", {"cat"}).count, 2U);
}

TEST(DropRepeatedLabels, RefusesTwoThatDiffer) {
  LabelSet set = parse_label_set("crane\ta bird.\ndog\ncrane\ta machine.\n", "x");
  expect_error(ErrorKind::kLabels, "label \"crane\" is given twice, with other prompts the second time",
               [&] { drop_repeated_labels(set); });
  set = parse_label_set("crane\ncrane\ta machine.\n", "x");
  expect_error(ErrorKind::kLabels, "with other prompts", [&] { drop_repeated_labels(set); });
  set = weighted();
  EXPECT_EQ(drop_repeated_labels(set).count, 0U);
  set.labels[1] = set.labels[0];
  expect_error(ErrorKind::kLabels, "with other weights", [&] { drop_repeated_labels(set); });
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
  expect("is an empty label", R"([" "])");
  expect("has a bin, and prompts", R"([{"label": "cat", "bin": ["x"], "prompts": ["y"]}])");
  expect("field format is \"x\"", R"({"format": "x", "format_version": 1, "labels": []})");
  expect("field format_version is 2", R"({"format": "clipcls-labels", "format_version": 2, "labels": []})");
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
                                        {},
                                        {}},
                                       templates);
  EXPECT_EQ(rows.prompts, (std::vector<Texts>{{"a cat.", "the cat"},
                                              {"a good dog!", "dogdog", "a hound.", "the hound"},
                                              {"a cat.", "the cat"},
                                              {"a dog.", "the dog"}}));
  EXPECT_EQ(rows.label_of_row, (std::vector<std::size_t>{0, 1, 2, 2}));
}

TEST(FillPrompts, MembersAndSynonymsThatAreGivenTwiceCountOnce) {
  const std::vector<PromptTemplate> templates = {PromptTemplate("a {}.")};
  const PromptRows rows = fill_prompts({{{"pet", {}, {}, {"cat", "dog", "cat"}, {}},
                                         {"sofa", {}, {"couch", "sofa", "couch"}, {}, {}},
                                         {"seat", {"a stool"}, {"seat"}, {}, {}}},
                                        {},
                                        {}},
                                       templates);
  EXPECT_EQ(rows.prompts,
            (std::vector<Texts>{{"a cat."}, {"a dog."}, {"a sofa.", "a couch."}, {"a stool", "a seat."}}));
  EXPECT_EQ(rows.label_of_row, (std::vector<std::size_t>{0, 0, 1, 2}));
}

TEST(ParseLabelSet, TakesTemplatesOfTheList) {
  const LabelSet set = parse_label_set(R"({"templates": ["a {} dish", "some {}"], "labels": ["stew"]})", "x");
  EXPECT_EQ(fill_prompts(set, set.templates).prompts,
            std::vector<Texts>{(Texts{"a stew dish", "some stew"})});
  const LabelSet again = parse_label_set(write_label_set(set), "x");
  EXPECT_EQ(again.templates.size(), 2U);
  EXPECT_EQ(names(again), Texts{"stew"});
  expect_error(ErrorKind::kLabels, "l.json: prompt template \"a dish\" must have exactly one {}",
               [] { parse_label_set(R"({"templates": ["a dish"], "labels": ["stew"]})", "l.json"); });
  expect_error(ErrorKind::kLabels, "field templates is 3",
               [] { parse_label_set(R"({"templates": 3, "labels": ["stew"]})", "l.json"); });
}

}  // namespace
}  // namespace clipcls
