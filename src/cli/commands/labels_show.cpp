#include <memory>

#include "cli/commands/commands.h"
#include "cli/flags/document_format.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "zero_shot/label_set.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

struct LabelsShowFlags {
  std::string labels;
  DocumentFormat format = DocumentFormat::kText;
};

int show_labels(const LabelsShowFlags& flags) {
  const LabelSet set = find_label_set(flags.labels);
  OutputFile output;
  if (flags.format == DocumentFormat::kJson) {
    output.stream() << write_label_set(set);
  } else {
    for (const Label& label : set.labels) output.stream() << label.name << '\n';
  }
  output.check();
  return 0;
}

}  // namespace

void add_labels_show(Program& program) {
  CommandDeclaration& command = program.add("labels show", "Print the labels of a list, one a line");
  const auto flags = std::make_shared<LabelsShowFlags>();
  command.add_option("LABELS", flags->labels, "Built-in list (clipcls labels list), file, or words")
      ->required()
      ->type_name("")
      ->offers(builtin_label_list());
  command.add_choice("-f,--format", flags->format, kDocumentFormats,
                     "json: also templates, synonyms and prompts, as a file for --labels; default: text");
  command.examples({{"clipcls labels show pets", "one a line"},
                    {"clipcls labels show pets -f json > my_pets.json", "a list of one's own to edit"}});
  command.exit_codes({{0, "they are printed"}, {2, "there is no such list"}});
  command.runs([flags] { return show_labels(*flags); });
}

}  // namespace clipcls
