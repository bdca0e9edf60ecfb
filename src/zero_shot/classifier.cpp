#include "zero_shot/classifier.h"

#include <algorithm>
#include <utility>

#include "answer_scores.h"
#include "dot_products.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

// Enough for dot_products() to be fast, few enough that their features stay in a near cache.
constexpr std::size_t kBlockSize = 32;

std::size_t count_answers(const ScoreRule& rule, std::size_t num_rows) {
  return rule.answer_of_row.empty() ? num_rows : *std::ranges::max_element(rule.answer_of_row) + 1;
}

/// Hands over the cosines with every row, [num_rows], of each image in turn.
template <typename OnImage>
void for_each_image(std::span<const float> image_features, std::size_t num_images, std::size_t embed_dim,
                    const DoubleRows& class_embeddings, OnImage on_image) {
  const std::size_t num_rows = class_embeddings.rows();
  std::vector<double> similarities(std::min(num_images, kBlockSize) * num_rows);
  for (std::size_t begin = 0; begin < num_images; begin += kBlockSize) {
    const std::size_t block_size = std::min(kBlockSize, num_images - begin);
    const std::span<const float> block = image_features.subspan(begin * embed_dim, block_size * embed_dim);
    // A copy, as the caller's features stay as they are: they may be kept, and kept ones are not normalised.
    std::vector<float> unit(block.begin(), block.end());
    for (std::size_t i = 0; i < block_size; ++i)
      normalize_l2(std::span(unit).subspan(i * embed_dim, embed_dim));
    dot_products(DoubleRows(unit, block_size, embed_dim), class_embeddings, similarities);
    for (double& similarity : similarities)
      similarity = std::clamp(similarity, -1.0, 1.0);  // rounding may leave it a hair outside
    for (std::size_t i = 0; i < block_size; ++i)
      on_image(begin + i, std::span<const double>(similarities).subspan(i * num_rows, num_rows));
  }
}

}  // namespace

std::string score_kind_name(ScoreKind kind) {
  switch (kind) {
    case ScoreKind::kSoftmax:
      return "softmax";
    case ScoreKind::kSigmoid:
      return "sigmoid";
    case ScoreKind::kCosine:
      return "cosine";
    case ScoreKind::kMultiLabel:
      return "multi-label";
  }
  return "unknown";
}

ZeroShotClassifier::ZeroShotClassifier(const Matrix& class_embeddings, ScoreRule rule)
    : class_embeddings_(std::make_shared<const DoubleRows>(class_embeddings.values, class_embeddings.rows,
                                                           class_embeddings.cols)),
      embed_dim_(class_embeddings.cols),
      num_answers_(count_answers(rule, class_embeddings.rows)),
      rule_(std::move(rule)) {}

ZeroShotClassifier::ZeroShotClassifier(const Matrix& class_embeddings, double logit_scale, double logit_bias,
                                       ScoreKind score_kind)
    : ZeroShotClassifier(class_embeddings,
                         ScoreRule{score_kind, logit_scale, logit_bias, {}, {}, {}, {}, {}}) {}

std::vector<RankedAnswer> ZeroShotClassifier::classify(std::span<const float> image_features,
                                                       std::size_t top_k) const {
  return std::move(classify(image_features, 1, top_k).front());
}

std::vector<std::vector<RankedAnswer>> ZeroShotClassifier::classify(std::span<const float> image_features,
                                                                    std::size_t num_images,
                                                                    std::size_t top_k) const {
  std::vector<std::vector<RankedAnswer>> predictions;
  predictions.reserve(num_images);
  // Reused by all images, so that a batch allocates for its predictions alone.
  std::vector<double> similarities(num_answers_);
  std::vector<double> logits(num_answers_);
  for_each_image(image_features, num_images, embed_dim_, *class_embeddings_,
                 [&](std::size_t, std::span<const double> row_similarities) {
                   pool_rows(rule_, row_similarities, similarities, logits);
                   predictions.push_back(rank_answers(rule_, similarities, logits, top_k));
                 });
  return predictions;
}

AnswerLogits ZeroShotClassifier::answer_logits(std::span<const float> image_features,
                                               std::size_t num_images) const {
  AnswerLogits result;
  result.num_answers = num_answers_;
  result.similarities.resize(num_images * num_answers_);
  result.logits.resize(num_images * num_answers_);
  for_each_image(image_features, num_images, embed_dim_, *class_embeddings_,
                 [&](std::size_t image, std::span<const double> row_similarities) {
                   pool_rows(rule_, row_similarities,
                             std::span(result.similarities).subspan(image * num_answers_, num_answers_),
                             std::span(result.logits).subspan(image * num_answers_, num_answers_));
                 });
  return result;
}

}  // namespace clipcls
