#include "cli/flags/score_flags.h"

#include <limits>

#include "support/expect_error.h"

namespace clipcls {
namespace {

MultiLabelFlags multi_label() {
  MultiLabelFlags flags;
  flags.is_multi_label = true;
  return flags;
}

TEST(ScoreFlags, TheKindIsTheModelsUnlessAFlagSays) {
  ScoreFlags scores;
  EXPECT_EQ(score_kind_of(scores, {}), std::nullopt);
  EXPECT_EQ(score_kind_of(scores, multi_label()), ScoreKind::kMultiLabel);
  scores.kind = ScoreKind::kCosine;
  EXPECT_EQ(score_kind_of(scores, {}), ScoreKind::kCosine);
}

TEST(ScoreFlags, MultiLabelHasAThresholdOfItsOwn) {
  ScoreFlags scores;
  EXPECT_EQ(threshold_of(scores, {}), std::nullopt);
  EXPECT_EQ(threshold_of(scores, multi_label()), 0.5);
  scores.threshold = 0.2;
  EXPECT_EQ(threshold_of(scores, {}), 0.2);
  EXPECT_EQ(threshold_of(scores, multi_label()), 0.2);
  scores.threshold = 0;  // which is one that was given
  EXPECT_EQ(threshold_of(scores, multi_label()), 0);
}

TEST(ScoreFlags, MultiLabelHasNoLimitButAGivenOne) {
  EXPECT_EQ(top_k_of(5, /*is_given=*/false, {}), 5U);
  EXPECT_EQ(top_k_of(3, /*is_given=*/true, {}), 3U);
  EXPECT_EQ(top_k_of(5, /*is_given=*/false, multi_label()), std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(top_k_of(5, /*is_given=*/true, multi_label()), 5U);
}

TEST(ScoreFlags, PromptsAreTexts) {
  ScoreFlags scores;
  scores.none = {"a photo.", ""};
  expect_error(ErrorKind::kLabels, "--none", [&] { scores.validate(); });
  MultiLabelFlags flags = multi_label();
  flags.negatives = {" "};
  expect_error(ErrorKind::kLabels, "--negative", [&] { flags.validate(); });
  flags.negatives = {"no {}"};
  flags.validate();
}

}  // namespace
}  // namespace clipcls
