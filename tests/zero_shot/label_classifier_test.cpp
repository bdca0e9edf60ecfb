#include "zero_shot/label_classifier.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

std::shared_ptr<const LabelSet> labels_of(const std::vector<std::string>& names) {
  LabelSet labels;
  for (const std::string& name : names) labels.labels.push_back({name, {}, {}, {}, {}});
  return std::make_shared<const LabelSet>(std::move(labels));
}

/// How labels are embedded here, and what is said of it.
struct Embedding {
  LabelEmbedding how;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
  std::vector<std::string> waits;
  int num_tokenizers = 0;

  Embedding() {
    how.load_tokenizer = [this] {
      ++num_tokenizers;
      return Tokenizer();
    };
    how.on_warning = [this](const std::string& message) { warnings.push_back(message); };
    how.on_note = [this](const std::string& message) { notes.push_back(message); };
    how.on_wait = [this](const std::string& message) { waits.push_back(message); };
  }
};

/// A model whose embeddings may be kept.
class KeptModel : public FakeClipModel {
 public:
  std::string text_fingerprint() const override { return "0123456789abcdef"; }
  std::string image_fingerprint() const override { return "fedcba9876543210"; }
};

constexpr std::array<float, 3> kFeatures = {1, 2, 3};

TEST(LabelClassifier, RanksLabelsWithTheModelsOwnTemplatesAndScore) {
  FakeClipModel model;
  Embedding embedding;
  const LabelRequest request = {.labels = labels_of({"cat", "dog"})};
  const ZeroShotClassifier classifier = make_classifier(model, request, embedding.how);
  const Tokenizer tokenizer;
  const std::vector<std::vector<std::string>> prompts = {{"cat"}, {"dog"}};
  const ZeroShotClassifier expected(build_zero_shot_weights(model, tokenizer, prompts).class_embeddings, 10,
                                    0, ScoreKind::kSoftmax);
  const auto actual_ranks = classifier.classify(kFeatures, 2);
  const auto expected_ranks = expected.classify(kFeatures, 2);
  ASSERT_EQ(actual_ranks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(actual_ranks[i].label_index, expected_ranks[i].label_index);
    EXPECT_EQ(actual_ranks[i].score, expected_ranks[i].score);
  }
  EXPECT_TRUE(embedding.warnings.empty());
  EXPECT_EQ(request.answers().size(), 2U);
}

TEST(LabelClassifier, ABackgroundPromptIsAnAnswerBehindTheLabels) {
  FakeClipModel model;
  Embedding embedding;
  const LabelRequest request = {.labels = labels_of({"cat"}), .none = {"a photo.", "a photo.", "a thing."}};
  const ZeroShotClassifier classifier = make_classifier(model, request, embedding.how);
  EXPECT_EQ(classifier.num_answers(), 2U);
  EXPECT_EQ(classifier.rule().answer_of_row, (std::vector<std::size_t>{0, 1, 1}));
  EXPECT_EQ(embedding.warnings,
            std::vector<std::string>{"background prompt \"a photo.\" is given twice, and counts once"});
  EXPECT_EQ(request.answers()[0], "cat");
  EXPECT_EQ(request.answers()[1], "(none)");
}

TEST(LabelClassifier, NoLabelIsNamedLikeTheAnswerOfTheBackground) {
  FakeClipModel model;
  Embedding embedding;
  LabelRequest request = {.labels = labels_of({"cat", "(none)"}), .none = {"a photo."}};
  expect_error(ErrorKind::kLabels, "label \"(none)\" is named like the answer of `none`",
               [&] { make_classifier(model, request, embedding.how); });
  request.none.clear();
  EXPECT_EQ(make_classifier(model, request, embedding.how).num_answers(), 2U);
}

TEST(LabelClassifier, NegativePromptsAreSharedUnlessTheyNameTheLabel) {
  FakeClipModel model;
  const Embedding embedding;
  LabelRequest request = {.labels = labels_of({"cat", "dog"}), .score_kind = ScoreKind::kMultiLabel};
  const auto rows = [&] {
    std::vector<std::size_t> result;
    const ZeroShotClassifier classifier = make_classifier(model, request, embedding.how);
    for (const LabelReference& reference : classifier.rule().references)
      result.push_back(reference.row.value_or(99));
    return result;
  };
  EXPECT_EQ(rows(), (std::vector<std::size_t>{2, 2}));
  request.negatives = {"no {}"};
  EXPECT_EQ(rows(), (std::vector<std::size_t>{2, 3}));
}

TEST(LabelClassifier, WarnsOfOneLabelAloneAndOfPromptsThatAreCut) {
  FakeClipModel model;
  Embedding embedding;
  std::string text;
  for (int i = 0; i < 20; ++i) text += "word ";
  const LabelRequest request = {.labels = labels_of({text})};
  make_classifier(model, request, embedding.how);
  ASSERT_EQ(embedding.warnings.size(), 2U);
  EXPECT_TRUE(embedding.warnings[0].starts_with("one label alone has a softmax score of 100%"));
  EXPECT_NE(embedding.warnings[1].find("the model takes 16: its end was cut"), std::string::npos);
}

TEST(LabelClassifier, ManyPromptsThatAreCutAreFewWarnings) {
  FakeClipModel model;
  Embedding embedding;
  std::string text = " {}";
  for (int i = 0; i < 20; ++i) text += " word";
  LabelRequest request = {.labels = labels_of({"cat", "dog"})};
  for (int i = 0; i < 4; ++i) request.templates.emplace_back(std::to_string(i) + text);
  make_classifier(model, request, embedding.how);
  ASSERT_EQ(embedding.warnings.size(), 6U);
  EXPECT_EQ(embedding.warnings.back(), "3 more prompts were truncated; clipcls labels check lists them");
}

TEST(LabelClassifier, TakesEmbeddingsFromTheCacheWithoutATokenizer) {
  const TemporaryFolder folder;
  KeptModel model;
  Embedding embedding;
  embedding.how.cache.emplace(folder.path());
  const LabelRequest request = {.labels = labels_of({"cat", "dog"})};
  const auto first = make_classifier(model, request, embedding.how).classify(kFeatures, 2);
  EXPECT_EQ(embedding.num_tokenizers, 1);
  EXPECT_NE(embedding.notes.back().find("computed and cached in"), std::string::npos);
  const auto again = make_classifier(model, request, embedding.how).classify(kFeatures, 2);
  EXPECT_EQ(embedding.num_tokenizers, 1);
  EXPECT_NE(embedding.notes.back().find("from the cache in"), std::string::npos);
  EXPECT_EQ(first[0].score, again[0].score);
}

TEST(LabelClassifier, ACalibrationDividesLogitsAndGivesThresholds) {
  KeptModel model;
  const Embedding embedding;
  LabelRequest request = {.labels = labels_of({"cat", "dog"})};
  Calibration calibration;
  calibration.image_fingerprint = model.image_fingerprint();
  calibration.text_fingerprint = model.text_fingerprint();
  calibration.labels_checksum = labels_checksum(*request.labels, fill_prompts(request, model.config()));
  calibration.temperature = 4;
  calibration.labels = {"cat", "dog"};
  calibration.thresholds = {0.25, std::nullopt};
  request.calibration = calibration;
  EXPECT_EQ(make_classifier(model, request, embedding.how).rule().logit_scale, 2.5);

  request.score_kind = ScoreKind::kMultiLabel;
  const ScoreRule rule = make_classifier(model, request, embedding.how).rule();
  EXPECT_EQ(rule.logit_scale, 10);
  ASSERT_EQ(rule.references.size(), 2U);
  EXPECT_EQ(rule.references[0].similarity, 0.25);
  EXPECT_EQ(rule.references[1].row, std::optional<std::size_t>(2));

  request.score_kind = ScoreKind::kSigmoid;
  request.calibration_name = "c.json";
  expect_error(ErrorKind::kInvalidArgument,
               "c.json: was fitted for the score softmax, and this one is sigmoid",
               [&] { make_classifier(model, request, embedding.how); });
  request.score_kind.reset();
  request.labels = labels_of({"cat", "cow"});
  expect_error(ErrorKind::kInvalidArgument, "2 labels that are not these 2",
               [&] { make_classifier(model, request, embedding.how); });
}

/// Two labels that were made from pictures, for `model`.
std::shared_ptr<const LabelSet> taught_labels(const ClipModel& model) {
  LabelSet labels = *labels_of({"cat", "dog"});
  labels.weights =
      LabelWeights{"m", model.image_fingerprint(), model.text_fingerprint(), Matrix(2, 3), {2, 3}, {0.5, 0}};
  labels.weights->class_embeddings.values = {1, 0, 0, 0, 1, 0};
  return std::make_shared<const LabelSet>(std::move(labels));
}

TEST(LabelClassifier, LabelsMadeFromPicturesNeedNoTokenizer) {
  KeptModel model;
  Embedding embedding;
  const LabelRequest request = {.labels = taught_labels(model)};
  const ZeroShotClassifier classifier = make_classifier(model, request, embedding.how);
  EXPECT_EQ(classifier.rule().row_norms, (std::vector<double>{2, 3}));
  EXPECT_EQ(classifier.classify(kFeatures, 1)[0].label_index, 1U);
  EXPECT_EQ(embedding.num_tokenizers, 0);
  FakeClipModel other;
  expect_error(ErrorKind::kLabels, "labels: its labels were made by model m, and this is another",
               [&] { make_classifier(other, request, embedding.how); });
}

TEST(LabelClassifier, NoPromptIsWeighedAgainstLabelsMadeFromPictures) {
  KeptModel model;
  LabelRequest request = {.labels = taught_labels(model), .labels_name = "l.json"};
  const auto refuse = [&](const std::string& part, const LabelRequest& refused) {
    expect_error(ErrorKind::kInvalidArgument, part, [&] { require_consistent(refused); });
  };
  require_consistent(request);
  LabelRequest with_none = request;
  with_none.none = {"a photo."};
  refuse("l.json: its labels were made from pictures, and no background prompt", with_none);
  LabelRequest with_templates = request;
  with_templates.templates.emplace_back("a {}");
  refuse("take no templates", with_templates);
  request.score_kind = ScoreKind::kMultiLabel;
  refuse("no negative prompt", request);
}

TEST(LabelClassifier, DropsLabelsThatAreGivenAgain) {
  LabelSet labels = *labels_of({"cat", "dog", "cat", "dog"});
  std::vector<std::string> warnings;
  drop_repeated(labels, [&](const std::string& message) { warnings.push_back(message); });
  EXPECT_EQ(labels.labels.size(), 2U);
  EXPECT_EQ(warnings,
            std::vector<std::string>{"2 labels are given again, and count once; the first is label \"cat\""});
}

/// 4000 labels, a batch of which takes `seconds` by the clock of `embedding`.
LabelRequest many_labels(Embedding& embedding, double seconds) {
  std::vector<std::string> names;
  for (int i = 0; i < 4000; ++i) names.push_back("label " + std::to_string(i));
  embedding.how.num_workers = 1;
  embedding.how.clock = [time = 0.0, seconds]() mutable { return time += seconds; };
  return {.labels = labels_of(names)};
}

TEST(LabelClassifier, SaysBeforehandThatLabelsTakeLongerThanAMinute) {
  const TemporaryFolder folder;
  KeptModel model;
  Embedding embedding;
  embedding.how.cache.emplace(folder.path());
  const LabelRequest request = many_labels(embedding, 30);
  make_classifier(model, request, embedding.how);
  // All batches but the last have as many tokens as fit, and each takes half a minute.
  const std::size_t num_batches = model.text_shapes.size();
  ASSERT_GT(num_batches, 10U);
  ASSERT_EQ(embedding.waits.size(), 1U);
  const std::string start = "the 4000 prompts of the labels take about ";
  ASSERT_TRUE(embedding.waits[0].starts_with(start)) << embedding.waits[0];
  EXPECT_TRUE(embedding.waits[0].ends_with(" minutes; later runs have them from the cache"));
  const double minutes = std::stod(embedding.waits[0].substr(start.size()));
  // Rounded to a minute; batches differ by a prompt's length.
  EXPECT_NEAR(minutes, static_cast<double>(num_batches) / 2, 1 + static_cast<double>(num_batches) / 20);
  // From the cache, there is nothing to wait for.
  make_classifier(model, request, embedding.how);
  EXPECT_EQ(embedding.waits.size(), 1U);
}

TEST(LabelClassifier, SaysNothingOfLabelsThatAreSoonDone) {
  FakeClipModel model;
  Embedding embedding;
  make_classifier(model, many_labels(embedding, 0.01), embedding.how);
  EXPECT_EQ(embedding.waits, std::vector<std::string>());
  // Too few for an estimate: of one batch, nothing is left to wait for.
  embedding.how.clock = [time = 0.0]() mutable { return time += 1000; };
  make_classifier(model, {.labels = labels_of({"cat", "dog"})}, embedding.how);
  EXPECT_EQ(embedding.waits, std::vector<std::string>());
}

TEST(LabelClassifier, ALongWaitIsToldInHours) {
  FakeClipModel model;
  Embedding embedding;
  make_classifier(model, many_labels(embedding, 3600), embedding.how);
  ASSERT_EQ(embedding.waits.size(), 1U);
  EXPECT_TRUE(embedding.waits[0].ends_with(" hours")) << embedding.waits[0];
}

}  // namespace
}  // namespace clipcls
