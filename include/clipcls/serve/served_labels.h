#pragma once

#include <string>
#include <vector>

#include "clipcls/zero_shot/classifier.h"

namespace clipcls {

/// Labels that are ready to rank.
struct ServedLabels {
  Classifier classifier;
  std::vector<std::string> names;  ///< of the answers
};

}  // namespace clipcls
