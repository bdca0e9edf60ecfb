#include "zero_shot/answer_names.h"

namespace clipcls {
namespace {

const std::string& none_of_these() {
  static const std::string name = "(none)";
  return name;
}

}  // namespace

AnswerNames::AnswerNames(const std::vector<std::string>& names) {
  auto labels = std::make_shared<LabelSet>();
  for (const std::string& name : names) labels->labels.push_back({name, {}, {}, {}, {}});
  labels_ = std::move(labels);
}

const std::string& AnswerNames::operator[](std::size_t answer) const {
  // The answer behind the last label is "none of these".
  return answer < num_labels() ? labels_->labels[answer].name : none_of_these();
}

}  // namespace clipcls
