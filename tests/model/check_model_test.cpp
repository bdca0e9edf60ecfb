#include "model/check_model.h"

#include <gtest/gtest.h>

#include <map>

#include "model/long_run.h"
#include "model/reference.h"
#include "support/expect_error.h"
#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

/// The outcomes of all checks by their names; "fp32, many images: text features" is one.
std::map<std::string, CheckOutcome> outcomes_of(const ModelReference& reference,
                                                const LoadAtPrecision& load) {
  std::map<std::string, CheckOutcome> outcomes;
  const FakeClipModel model;
  check_model(reference, model.config(), Tokenizer(), load,
              [&](const ModelCheck& check) { outcomes[check.name] = check.outcome; });
  return outcomes;
}

std::unique_ptr<ClipModel> load_fake(Precision /*precision*/) { return std::make_unique<FakeClipModel>(); }

TEST(CheckModel, PassesWhatTheReferenceWasMadeWith) {
  FakeClipModel model;
  const ModelReference reference = make_reference(model, Tokenizer());
  const auto outcomes = outcomes_of(reference, load_fake);
  EXPECT_EQ(outcomes.size(), 2U + 4U * 3U);
  for (const auto& [name, outcome] : outcomes) EXPECT_EQ(outcome, CheckOutcome::kPassed) << name;
}

TEST(CheckModel, TellsWhatDiffers) {
  FakeClipModel model;
  ModelReference reference = make_reference(model, Tokenizer());
  reference.texts[3].token_ids[1] += 1;
  reference.pictures[1].resized_checksum = "0";
  std::ranges::fill(reference.image_features.row(0), -1.0F);
  const auto outcomes = outcomes_of(reference, load_fake);
  for (const char* name : {"token ids of texts", "pixels of pictures", "fp32: image features"})
    EXPECT_EQ(outcomes.at(name), CheckOutcome::kFailed) << name;
}

TEST(CheckModel, APrecisionThatFailsIsAResult) {
  FakeClipModel model;
  const ModelReference reference = make_reference(model, Tokenizer());
  const auto outcomes = outcomes_of(reference, [](Precision precision) -> std::unique_ptr<ClipModel> {
    if (precision == Precision::kInt8) throw Error(ErrorKind::kModel, "no int8");
    return std::make_unique<FakeClipModel>();
  });
  EXPECT_EQ(outcomes.at("int8"), CheckOutcome::kFailed);
  EXPECT_EQ(outcomes.at("bf16: image features"), CheckOutcome::kPassed);
}

/// As libtorch/trial_picture: in a long run float32 takes the place of what is computed wrongly.
class RightInLongRuns final : public FakeClipModel {
 public:
  Matrix image_features(std::span<const float> pixel_values, std::size_t batch) override {
    Matrix features = FakeClipModel::image_features(pixel_values, batch);
    if (plans_of_calls.back().num_images < kImagesOfLongRun) features.row(0)[0] *= -1;
    return features;
  }
};

TEST(CheckModel, APrecisionIsCheckedItselfAndNotWhatTakesItsPlace) {
  FakeClipModel model;
  const ModelReference reference = make_reference(model, Tokenizer());
  const auto outcomes = outcomes_of(reference, [](Precision precision) -> std::unique_ptr<ClipModel> {
    if (precision == Precision::kInt8) return std::make_unique<RightInLongRuns>();
    return std::make_unique<FakeClipModel>();
  });
  EXPECT_EQ(outcomes.at("int8: image features"), CheckOutcome::kFailed);
  EXPECT_EQ(outcomes.at("bf16: image features"), CheckOutcome::kPassed);
}

TEST(CheckModel, AReferenceOfAnotherSizeIsRefused) {
  FakeClipModel model;
  ModelReference reference = make_reference(model, Tokenizer());
  reference.image_features = Matrix(3, 4);
  expect_error(ErrorKind::kModel, "/m/reference.json: has features of 4 numbers",
               [&] { require_reference_of(reference, "/m", model.config()); });
}

}  // namespace
}  // namespace clipcls
