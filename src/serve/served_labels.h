#pragma once

#include <utility>

#include "zero_shot/answer_names.h"
#include "zero_shot/classifier.h"

namespace clipcls {

/// Labels that are ready to rank.
struct ServedLabels {
  ServedLabels(ZeroShotClassifier classifier_of_names, AnswerNames names_of_answers)
      : classifier(std::move(classifier_of_names)), names(std::move(names_of_answers)) {}

  ZeroShotClassifier classifier;
  AnswerNames names;  ///< of the answers
};

}  // namespace clipcls
