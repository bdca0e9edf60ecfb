#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/print_list.h"
#include "cli/program.h"
#include "zero_shot/label_set.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

constexpr std::size_t kNumShown = 4;  // labels of a list that give an idea of it

std::string first_labels(const LabelSet& set) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kNumShown, set.labels.size()); ++i)
    text += (i == 0 ? "" : ", ") + set.labels[i].name;
  return text + (set.labels.size() > kNumShown ? ", …" : "");
}

int list_labels(DocumentFormat format) {
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"NAME", "LABELS", "TEMPLATES", "FIRST LABELS"}};
  for (const std::string& name : builtin_label_list()) {
    const LabelSet set = parse_label_set(*find_builtin_labels(name), name);
    document.push_back(
        {{"name", name}, {"num_labels", set.labels.size()}, {"num_templates", set.templates.size()}});
    rows.push_back({name, std::to_string(set.labels.size()),
                    set.templates.empty() ? "the model's" : std::to_string(set.templates.size()),
                    first_labels(set)});
  }
  print_list(format, document, rows);
  return 0;
}

}  // namespace

void add_labels_list(Program& program) {
  CommandDeclaration& command =
      program.add("labels list", "Print the built-in label lists: names, how many labels and templates");
  const auto format = std::make_shared<DocumentFormat>(DocumentFormat::kText);
  command.add_choice("-f,--format", *format, kDocumentFormats, "Output format; default: text");
  command.examples({{"clipcls labels list", "names, for --labels"},
                    {"clipcls labels list -f json | jq -r '.[].name'", "the names alone"}});
  command.exit_codes({{0, "they are printed"}, {2, "they could not be written"}});
  command.runs([format] { return list_labels(*format); });
}

}  // namespace clipcls
