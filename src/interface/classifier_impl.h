#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clipcls/classifier.h"
#include "zero_shot/answer_names.h"
#include "zero_shot/classifier.h"

namespace clipcls {

/// What a Classifier is made of.
struct Classifier::Impl {
  Model model;
  Labels labels;
  ZeroShotClassifier ranking;
  AnswerNames names;  ///< of the answers
  bool is_multi_label = false;

  /// How many answers a picture gets: `wanted`, else 5, or all where several may be right.
  std::size_t top_k(std::optional<std::size_t> wanted) const;
  std::vector<Prediction> predictions(const std::vector<RankedAnswer>& answers) const;
};

}  // namespace clipcls
