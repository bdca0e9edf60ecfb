#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "clipcls/zero_shot/classifier.h"

namespace clipcls {

/// What became of one input.
struct ImageResult {
  std::string path;
  std::vector<Prediction> predictions;  ///< best first; empty when there is an error
  std::optional<Error> error;
};

}  // namespace clipcls
