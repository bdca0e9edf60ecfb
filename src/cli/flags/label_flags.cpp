#include "cli/flags/label_flags.h"

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "zero_shot/labels.h"
#include "zero_shot/prompt_template.h"

namespace clipcls {

void PromptFlags::add(CommandDeclaration& command) {
  command.group(kLabelGroup);
  command.add_option("--label", label, "One label; repeats: --label cat --label dog")->type_name("TEXT");
  command
      .add_option("-t,--template", templates, "Prompt template with one {} for the label; repeats: averaged")
      ->type_name("TEXT")
      ->brief("Prompt with {} for the label: \"a photo of a {}.\"");
  command
      .add_option("--templates", templates_file,
                  "File of prompt templates, one a line, '-' is standard input; or a built-in set: openai "
                  "(80), simple (7); a file of that name comes first")
      ->type_name("FILE|NAME")
      ->offers(builtin_template_list());
}

NamedInputs PromptFlags::inputs() const { return {{"--templates", templates_file}}; }

std::string no_labels_message() {
  return "no labels given; use --labels FILE, --labels cat,dog,fish, --label TEXT, or --labels NAME of a "
         "built-in list: " +
         builtin_label_names();
}

void LabelFlags::add(CommandDeclaration& command) {
  command.group(kLabelGroup);
  command
      .add_option(
          "-l,--labels", labels,
          "Labels: a file, one label a line, its own prompts after tabs if it has any, or JSON; '-' is "
          "standard input; a built-in list such as cifar100, see clipcls labels list (a file of that "
          "name comes first, a folder does not); or words: cat,dog,fish")
      ->type_name("FILE|NAME|WORDS")
      ->brief("Labels: a file, a built-in list, or cat,dog,fish")
      ->offers(builtin_label_list());
  prompts.add(command);
}

NamedInputs LabelFlags::inputs() const { return joined({{"--labels", labels}}, prompts.inputs()); }

}  // namespace clipcls
