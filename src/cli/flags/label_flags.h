#pragma once

#include <string>
#include <vector>

#include "cli/flags/standard_input.h"

namespace clipcls {

class CommandDeclaration;

/// Labels that are given one by one, and what prompts are made of.
struct PromptFlags {
  std::vector<std::string> label;      ///< behind those of a file
  std::vector<std::string> templates;  ///< prompt templates; empty: the model's own
  std::string templates_file;          ///< a file or a built-in set; empty: none

  /// Adds --label, --template and --templates.
  void add(CommandDeclaration& command);
  NamedInputs inputs() const;
};

/// What to say where no flag gives a label: names the built-in lists.
std::string no_labels_message();

/// The labels that are ranked.
struct LabelFlags {
  std::string labels;  ///< a file or a built-in list; empty: none
  PromptFlags prompts;

  /// Adds --labels and the flags of PromptFlags.
  void add(CommandDeclaration& command);
  NamedInputs inputs() const;
};

}  // namespace clipcls
