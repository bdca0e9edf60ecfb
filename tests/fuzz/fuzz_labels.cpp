// A labels file as text, JSON or either, and back.
#include "zero_shot/label_set.h"

#include <set>

#include "files/text_file.h"
#include "fuzzer.h"

namespace clipcls {
namespace {

bool are_equal(const LabelSet& a, const LabelSet& b) {
  const auto is_equal = [](const Label& left, const Label& right) {
    return left.name == right.name && left.prompts == right.prompts && left.synonyms == right.synonyms &&
           left.bin == right.bin && left.negative_prompts == right.negative_prompts;
  };
  if (!std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end(), is_equal)) return false;
  if (a.weights.has_value() != b.weights.has_value()) return false;
  return !a.weights || (a.weights->class_embeddings.values == b.weights->class_embeddings.values &&
                        a.weights->norms == b.weights->norms && a.weights->biases == b.weights->biases);
}

void read_labels(std::string_view text, const std::string& place) {
  LabelSet label_set;
  std::size_t num_repeated = 0;
  if (!accepts(ErrorKind::kLabels, [&] { label_set = parse_label_set(text, place); })) return;
  require(!label_set.labels.empty(), "a list has a label");
  require(are_equal(parse_label_set(write_label_set(label_set), "again.json"), label_set),
          "a list that is written down and read again is the same");
  for (const Label& label : label_set.labels)
    require(!label.name.empty() && trim_invisible(label.name) == label.name,
            "nothing invisible is around a label");
  const std::vector<PromptTemplate> templates = {PromptTemplate("a photo of a {}.")};
  for (const auto& prompts : fill_prompts(label_set, templates).prompts)
    require(!prompts.empty(), "every row has a prompt");
  const std::size_t num_labels = label_set.labels.size();
  if (!accepts(ErrorKind::kLabels, [&] { num_repeated = drop_repeated_labels(label_set).count; })) return;
  std::set<std::string> names;
  for (const Label& label : label_set.labels)
    require(names.insert(label.name).second, "a label is there once");
  require(names.size() + num_repeated == num_labels, "what is left out is counted");
}

}  // namespace

CLIPCLS_FUZZ_TARGET(labels) {
  const std::string_view text = as_text({data, size});
  read_labels(text, "labels.txt");
  read_labels(text, "labels.json");
  return 0;
}

}  // namespace clipcls
