#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace clipcls {

class DoubleRows;

/// What an answer's score is made of.
enum class ScoreKind {
  kSoftmax,     ///< share among the answers offered; sums to 1 over them
  kSigmoid,     ///< each answer on its own, for models trained so
  kCosine,      ///< the similarity itself
  kMultiLabel,  ///< each label on its own against its reference: 0.5 where the two are equally near
};

/// "softmax", "sigmoid", "cosine" or "multi-label".
std::string score_kind_name(ScoreKind kind);

/// What a label is held against on its own: the nearer of the two wins.
struct LabelReference {
  std::optional<std::size_t> row;  ///< of the class embeddings: its negative prompt
  double similarity = 0;           ///< where there is no row: a calibrated threshold of the cosine
};

/// How the similarities of an image become answers. An answer is a label or, behind them, "none of these".
///
/// Note [Scores]. With cos_r the cosine of the image and row r of the class embeddings:
///
///   logit_r      = logit_scale * norm_r * cos_r + bias_r + logit_bias
///   softmax      score_a = Σ_{r of a} exp(logit_r) / Σ_{all r} exp(logit_r)
///   sigmoid      score_a = 1 / (1 + exp(-max_{r of a} logit_r))
///   cosine       score_a = max_{r of a} cos_r
///   multi-label  score_a = 1 / (1 + exp(-logit_scale * (max_{r of a} cos_r - reference_a))), which is the
///                softmax over the label and its negative prompt; without references as sigmoid
///
/// A softmax sums over the rows of an answer because they are alternatives, of which at most one is true: the
/// scores still add up to 1, and a background prompt more takes from the labels what it explains better than
/// they do. Sigmoid and cosine say how near one thing is, so there the nearest row speaks for all.
struct ScoreRule {
  ScoreKind kind = ScoreKind::kSoftmax;
  double logit_scale = 1;  ///< already exponentiated, divided by the temperature if there is one
  double logit_bias = 0;
  std::vector<std::size_t> answer_of_row;  ///< rows beyond it belong to none; empty: row i is answer i
  std::vector<double> row_norms;           ///< [num_rows]; empty: 1
  std::vector<double> row_biases;          ///< [num_rows]; empty: 0
  std::vector<LabelReference> references;  ///< [num_answers], for kMultiLabel; empty: none
  std::optional<double> threshold;         ///< predictions with a lower score are left out
};

/// One answer's rank on one image.
struct RankedAnswer {
  std::size_t label_index = 0;  ///< the number of labels stands for "none of these"
  double score = 0;             ///< what ScoreKind says
  float similarity = 0;         ///< largest cosine of the answer's rows, -1 to 1
};

/// What the scores are made of, of several images.
struct AnswerLogits {
  std::size_t num_answers = 0;
  std::vector<double> similarities;  ///< [num_images, num_answers]
  std::vector<double> logits;        ///< [num_images, num_answers]: score is the softmax or sigmoid of them
};

/// Ranks labels for image features.
class ZeroShotClassifier {
 public:
  /// `class_embeddings`: [num_rows, embed_dim], unit rows.
  ZeroShotClassifier(const Matrix& class_embeddings, ScoreRule rule);
  /// A row a label.
  ZeroShotClassifier(const Matrix& class_embeddings, double logit_scale, double logit_bias,
                     ScoreKind score_kind);

  /// The `top_k` best answers, best first; all of them when top_k is above their number. Equal logits keep
  /// the order of the labels. `image_features`: [embed_dim], of any length other than zero.
  std::vector<RankedAnswer> classify(std::span<const float> image_features, std::size_t top_k) const;

  /// The same for several images, many times faster and equal to the last bit. `image_features`:
  /// [num_images, embed_dim]. May be called from several threads at once.
  std::vector<std::vector<RankedAnswer>> classify(std::span<const float> image_features,
                                                  std::size_t num_images, std::size_t top_k) const;

  /// All logits and similarities of several images. `image_features`: [num_images, embed_dim].
  AnswerLogits answer_logits(std::span<const float> image_features, std::size_t num_images) const;

  const ScoreRule& rule() const { return rule_; }
  std::size_t num_answers() const { return num_answers_; }

 private:
  std::shared_ptr<const DoubleRows> class_embeddings_;  ///< [num_rows, embed_dim]
  std::size_t embed_dim_;
  std::size_t num_answers_;
  ScoreRule rule_;
};

}  // namespace clipcls
