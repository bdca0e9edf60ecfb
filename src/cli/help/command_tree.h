#pragma once

#include <string>
#include <vector>

namespace clipcls {

/// One flag or argument as --help declares it.
struct OptionDescription {
  std::vector<std::string> names;    ///< "--labels", "-l"; empty: an argument without a flag
  std::string argument;              ///< of a flag: what its value is called; of an argument: its name
  std::vector<std::string> choices;  ///< the words that the value may be; empty: any
  std::string default_value;
  std::string help;
  std::string group;
  bool takes_value = false;
  bool is_required = false;
  bool repeats = false;
};

/// A command, its options and the commands under it.
struct CommandDescription {
  std::vector<std::string> names;  ///< "clipcls", "model", "fetch"
  std::string help;
  std::string footer;
  std::vector<OptionDescription> options;
  std::vector<CommandDescription> commands;

  std::string name() const;  ///< "clipcls model fetch"
  /// The command `word` under this one; null: there is none.
  const CommandDescription* find_command(const std::string& word) const;
  /// The flag "--labels" or "-l"; null: there is none.
  const OptionDescription* find_flag(const std::string& name) const;
};

/// The words that a type name declares: "json|jsonl|text" three, "FILE|NAME", two kinds of value, none.
std::vector<std::string> choices_of(const std::string& type_name);

}  // namespace clipcls
