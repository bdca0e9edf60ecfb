#include "clipcls/zero_shot/classifier.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "clipcls/zero_shot/zero_shot_weights.h"

namespace clipcls {

Classifier::Classifier(Matrix class_embeddings, double logit_scale, double logit_bias, ScoreKind score_kind)
    : class_embeddings_(std::move(class_embeddings)),
      logit_scale_(logit_scale),
      logit_bias_(logit_bias),
      score_kind_(score_kind) {}

std::vector<Prediction> Classifier::classify(std::span<const float> image_features, std::size_t top_k) const {
  std::vector<float> unit(image_features.begin(), image_features.end());
  normalize_l2(unit);

  const std::size_t num_labels = class_embeddings_.rows;
  std::vector<double> similarities(num_labels);
  for (std::size_t label = 0; label < num_labels; ++label) {
    const std::span<const float> embedding = class_embeddings_.row(label);
    const double cosine = std::inner_product(unit.begin(), unit.end(), embedding.begin(), 0.0, std::plus<>(),
                                             [](double a, double b) { return a * b; });
    similarities[label] = std::clamp(cosine, -1.0, 1.0);  // rounding may leave it a hair outside
  }

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
  for (std::size_t label = 0; label < num_labels; ++label) sum += std::exp(logit(label) - max_logit);

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
