#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clipcls/labels.h"
#include "zero_shot/label_set.h"

namespace clipcls {

/// What Labels are made of.
struct Labels::Impl {
  std::shared_ptr<const LabelSet> set;
  std::string name;                   ///< what messages call them
  std::vector<std::string> warnings;  ///< of labels that were given twice
};

}  // namespace clipcls
