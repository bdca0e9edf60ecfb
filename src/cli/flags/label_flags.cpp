#include "cli/flags/label_flags.h"

#include "cli/flags/declaration.h"
#include "zero_shot/labels.h"

namespace clipcls {

void PromptFlags::add(CommandDeclaration& command) {
  command.add_option("--label", label, "One label; repeats: --label cat --label dog")->type_name("TEXT");
  command
      .add_option("-t,--template", templates, "Prompt template with one {} for the label; repeats: averaged")
      ->type_name("TEXT");
  command
      .add_option("--templates", templates_file,
                  "File of prompt templates, one a line, '-' is standard input; or a built-in\nset: openai "
                  "(80), simple (7); a file of that name comes first")
      ->type_name("FILE|NAME");
}

NamedInputs PromptFlags::inputs() const { return {{"--templates", templates_file}}; }

std::string no_labels_message() {
  return "no labels given; use --labels FILE, --labels cat,dog,fish, --label TEXT, or --labels NAME of a "
         "built-in list: " +
         builtin_label_names();
}

void LabelFlags::add(CommandDeclaration& command) {
  command
      .add_option(
          "-l,--labels", labels,
          "Labels: a file, one label a line, its own prompts after tabs if it has any,\nor JSON; '-' is "
          "standard input; a built-in list such as cifar100, see\nclipcls labels list (a file of that "
          "name comes first, a folder does not);\nor words: cat,dog,fish")
      ->type_name("FILE|NAME|WORDS");
  prompts.add(command);
}

NamedInputs LabelFlags::inputs() const { return joined({{"--labels", labels}}, prompts.inputs()); }

}  // namespace clipcls
