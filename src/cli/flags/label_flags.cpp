#include "cli/flags/label_flags.h"

#include "cli/flags/declaration.h"

namespace clipcls {

void PromptFlags::add(CommandDeclaration& command) {
  command.add_option("--label", label, "One more label; repeats")->type_name("TEXT");
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

void LabelFlags::add(CommandDeclaration& command) {
  command
      .add_option("-l,--labels", labels,
                  "Label file, one label a line, its own prompts after tabs if it has any,\nor JSON; '-' is "
                  "standard input; or a built-in list: cifar10, cifar100\n(a file of that name "
                  "comes first, a folder does not)")
      ->type_name("FILE|NAME");
  prompts.add(command);
}

NamedInputs LabelFlags::inputs() const { return joined({{"--labels", labels}}, prompts.inputs()); }

}  // namespace clipcls
