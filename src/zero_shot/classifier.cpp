#include "clipcls/zero_shot/classifier.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "clipcls/zero_shot/zero_shot_weights.h"
#include "dot_products.h"

namespace clipcls {
namespace {

// Enough for dot_products() to be fast, few enough that their features stay in a near cache.
constexpr std::size_t kBlockSize = 32;

}  // namespace

Classifier::Classifier(const Matrix& class_embeddings, double logit_scale, double logit_bias,
                       ScoreKind score_kind)
    : class_embeddings_(std::make_shared<const DoubleRows>(class_embeddings.values, class_embeddings.rows,
                                                           class_embeddings.cols)),
      embed_dim_(class_embeddings.cols),
      logit_scale_(logit_scale),
      logit_bias_(logit_bias),
      score_kind_(score_kind) {}

std::vector<Prediction> Classifier::classify(std::span<const float> image_features, std::size_t top_k) const {
  return std::move(classify(image_features, 1, top_k).front());
}

std::vector<std::vector<Prediction>> Classifier::classify(std::span<const float> image_features,
                                                          std::size_t num_images, std::size_t top_k) const {
  const std::size_t num_labels = class_embeddings_->rows();
  std::vector<std::vector<Prediction>> predictions;
  predictions.reserve(num_images);
  std::vector<double> similarities(std::min(num_images, kBlockSize) * num_labels);
  for (std::size_t begin = 0; begin < num_images; begin += kBlockSize) {
    const std::size_t num_rows = std::min(kBlockSize, num_images - begin);
    const std::span<const float> block = image_features.subspan(begin * embed_dim_, num_rows * embed_dim_);
    std::vector<float> unit(block.begin(), block.end());
    for (std::size_t row = 0; row < num_rows; ++row)
      normalize_l2(std::span(unit).subspan(row * embed_dim_, embed_dim_));
    dot_products(DoubleRows(unit, num_rows, embed_dim_), *class_embeddings_, similarities);
    for (double& similarity : similarities)
      similarity = std::clamp(similarity, -1.0, 1.0);  // rounding may leave it a hair outside
    for (std::size_t row = 0; row < num_rows; ++row)
      predictions.push_back(rank(std::span(similarities).subspan(row * num_labels, num_labels), top_k));
  }
  return predictions;
}

std::vector<Prediction> Classifier::rank(std::span<const double> similarities, std::size_t top_k) const {
  const std::size_t num_labels = similarities.size();
  std::vector<std::size_t> order(num_labels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t num_kept = std::min(top_k, num_labels);
  const auto is_better = [&](std::size_t a, std::size_t b) {
    return similarities[a] != similarities[b] ? similarities[a] > similarities[b] : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(num_kept), order.end(),
                    is_better);

  const auto logit = [&](std::size_t label) { return logit_scale_ * similarities[label] + logit_bias_; };
  // The largest logit is taken off before exp, so that no scale overflows.
  const double max_logit = num_labels == 0 ? 0.0 : logit(order.front());
  double sum = 0;
  if (score_kind_ == ScoreKind::kSoftmax) {
    for (std::size_t label = 0; label < num_labels; ++label) sum += std::exp(logit(label) - max_logit);
  }

  std::vector<Prediction> predictions;
  predictions.reserve(num_kept);
  for (std::size_t rank = 0; rank < num_kept; ++rank) {
    const std::size_t label = order[rank];
    double score = similarities[label];
    if (score_kind_ == ScoreKind::kSoftmax) score = std::exp(logit(label) - max_logit) / sum;
    if (score_kind_ == ScoreKind::kSigmoid) score = 1.0 / (1.0 + std::exp(-logit(label)));
    predictions.push_back({label, score, static_cast<float>(similarities[label])});
  }
  return predictions;
}

}  // namespace clipcls
