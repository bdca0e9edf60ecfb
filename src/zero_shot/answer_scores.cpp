#include "answer_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace clipcls {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// log(exp(a) + exp(b)); either may be minus infinity.
double log_add(double a, double b) {
  const double larger = std::max(a, b);
  // exp() of the larger one might overflow, so the larger is taken out: log(e^a + e^b) = a + log(1 +
  // e^(b-a)).
  return larger == kMinusInfinity ? larger : larger + std::log1p(std::exp(std::min(a, b) - larger));
}

double sigmoid(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

double row_logit(const ScoreRule& rule, std::size_t row, double similarity) {
  if (rule.kind == ScoreKind::kCosine) return similarity;
  double logit = rule.logit_scale * similarity;
  if (!rule.row_norms.empty()) logit *= rule.row_norms[row];
  if (!rule.row_biases.empty()) logit += rule.row_biases[row];
  return logit + rule.logit_bias;
}

}  // namespace

void pool_rows(const ScoreRule& rule, std::span<const double> row_similarities,
               std::span<double> similarities, std::span<double> logits) {
  std::ranges::fill(similarities, kMinusInfinity);
  std::ranges::fill(logits, kMinusInfinity);
  const std::size_t num_rows = rule.answer_of_row.empty() ? similarities.size() : rule.answer_of_row.size();
  for (std::size_t row = 0; row < num_rows; ++row) {
    const std::size_t answer = rule.answer_of_row.empty() ? row : rule.answer_of_row[row];
    const double logit = row_logit(rule, row, row_similarities[row]);
    // An answer's first row is taken as it is. Most answers have no other, and cost no logarithm.
    const bool is_first = logits[answer] == kMinusInfinity;
    similarities[answer] = std::max(similarities[answer], row_similarities[row]);
    if (is_first || rule.kind != ScoreKind::kSoftmax) {
      logits[answer] = std::max(logits[answer], logit);
    } else {
      logits[answer] = log_add(logits[answer], logit);
    }
  }
  // A label and its reference have one scale and one bias: what is left of their difference is the cosines'.
  if (rule.kind != ScoreKind::kMultiLabel) return;
  for (std::size_t answer = 0; answer < rule.references.size(); ++answer) {
    const LabelReference& reference = rule.references[answer];
    const double limit = reference.row ? row_similarities[*reference.row] : reference.similarity;
    logits[answer] = rule.logit_scale * (similarities[answer] - limit);
  }
}

std::vector<RankedAnswer> rank_answers(const ScoreRule& rule, std::span<const double> similarities,
                                       std::span<const double> logits, std::size_t top_k) {
  const std::size_t num_answers = logits.size();
  std::vector<std::size_t> order(num_answers);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t num_kept = std::min(top_k, num_answers);
  // Equal logits keep the order of the labels, so that the result does not depend on how it is sorted.
  const auto is_better = [&](std::size_t a, std::size_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  // Only the best are sorted: of a thousand labels five are shown.
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(num_kept), order.end(),
                    is_better);

  // The largest logit is taken off before exp, so that no scale overflows.
  const double max_logit = num_answers == 0 || num_kept == 0 ? 0.0 : logits[order.front()];
  // Over all answers, not only those that are kept: a score does not depend on top_k.
  double sum = 0;
  if (rule.kind == ScoreKind::kSoftmax) {
    for (const double logit : logits) sum += std::exp(logit - max_logit);
  }

  std::vector<RankedAnswer> predictions;
  predictions.reserve(num_kept);
  for (std::size_t rank = 0; rank < num_kept; ++rank) {
    const std::size_t answer = order[rank];
    // Note [Scores]: the last step of each kind.
    double score = similarities[answer];
    if (rule.kind == ScoreKind::kSoftmax) {
      score = std::exp(logits[answer] - max_logit) / sum;
    } else if (rule.kind != ScoreKind::kCosine) {
      score = sigmoid(logits[answer]);
    }
    if (rule.threshold && score < *rule.threshold) break;  // and so are all behind it
    predictions.push_back({answer, score, static_cast<float>(similarities[answer])});
  }
  return predictions;
}

}  // namespace clipcls
