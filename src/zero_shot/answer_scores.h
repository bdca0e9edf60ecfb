#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "zero_shot/classifier.h"

namespace clipcls {

/// The answers' similarities and logits of one image, by Note [Scores]. `row_similarities`: [num_rows];
/// `similarities`, `logits`: [num_answers], which are written. For cosine the logit is the similarity.
void pool_rows(const ScoreRule& rule, std::span<const double> row_similarities,
               std::span<double> similarities, std::span<double> logits);

/// The `top_k` best answers that reach the threshold, best first. `similarities`, `logits`: [num_answers]
std::vector<RankedAnswer> rank_answers(const ScoreRule& rule, std::span<const double> similarities,
                                       std::span<const double> logits, std::size_t top_k);

}  // namespace clipcls
