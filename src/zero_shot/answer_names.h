#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "zero_shot/label_set.h"

namespace clipcls {

/// The names of a classifier's answers: its labels and, behind them where background prompts were given,
/// "(none)". A view: the names stay in the label set, which it shares.
class AnswerNames {
 public:
  AnswerNames() = default;
  AnswerNames(std::shared_ptr<const LabelSet> labels, bool has_none)
      : labels_(std::move(labels)), has_none_(has_none) {}
  /// Labels of these names.
  AnswerNames(const std::vector<std::string>& names);
  AnswerNames(std::initializer_list<std::string> names) : AnswerNames(std::vector<std::string>(names)) {}

  std::size_t size() const { return num_labels() + (has_none_ ? 1 : 0); }
  std::size_t num_labels() const { return labels_ == nullptr ? 0 : labels_->labels.size(); }
  const std::string& operator[](std::size_t answer) const;

 private:
  std::shared_ptr<const LabelSet> labels_;
  bool has_none_ = false;
};

}  // namespace clipcls
