#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clipcls/zero_shot/classifier.h"

namespace clipcls {

/// Labels that are ready to rank.
struct ServedLabels {
  ServedLabels(Classifier classifier_of_names, std::vector<std::string> names_of_answers)
      : classifier(std::move(classifier_of_names)), names(std::move(names_of_answers)) {}

  Classifier classifier;
  std::vector<std::string> names;  ///< of the answers
};

}  // namespace clipcls
