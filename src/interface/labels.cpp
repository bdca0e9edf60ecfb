#include "clipcls/labels.h"

#include <utility>

#include "clipcls/error.h"
#include "interface/labels_impl.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {
namespace {

constexpr const char* kName = "labels";

std::shared_ptr<const Labels::Impl> make_labels(LabelSet set, const std::string& name) {
  if (set.labels.empty()) throw Error(ErrorKind::kLabels, name + ": there is no label");
  std::vector<std::string> warnings;
  drop_repeated(set, [&](const std::string& warning) { warnings.push_back(warning); });
  return std::make_shared<const Labels::Impl>(
      Labels::Impl{std::make_shared<const LabelSet>(std::move(set)), name, std::move(warnings)});
}

LabelSet named(const std::vector<std::string>& names) {
  LabelSet set;
  for (const std::string& name : names) set.labels.push_back({clean_label(name, kName), {}, {}, {}, {}});
  return set;
}

}  // namespace

Labels::Labels(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Labels::Labels(const std::vector<std::string>& names) : impl_(make_labels(named(names), kName)) {}

Labels::Labels(std::initializer_list<std::string> names) : Labels(std::vector<std::string>(names)) {}

Labels Labels::read(const std::string& file_or_name) {
  return Labels(make_labels(find_label_set(file_or_name), file_or_name));
}

Labels Labels::parse(std::string_view text, const std::string& name) {
  return Labels(make_labels(parse_label_set(text, name), name));
}

std::size_t Labels::size() const { return impl_->set->labels.size(); }

const std::string& Labels::operator[](std::size_t index) const { return impl_->set->labels[index].name; }

std::vector<std::string> read_templates(const std::string& file_or_name) {
  std::vector<std::string> texts;
  for (const PromptTemplate& prompt_template : find_prompt_templates(file_or_name))
    texts.push_back(prompt_template.text());
  return texts;
}

}  // namespace clipcls
