#pragma once

#include <string>
#include <vector>

namespace clipcls {

/// One flag or argument as it is declared.
struct OptionDescription {
  std::vector<std::string> names;    ///< "--labels", "-l"; empty: an argument without a flag
  std::string argument;              ///< of a flag: what its value is called; of an argument: its name
  std::vector<std::string> choices;  ///< the words that the value may be; empty: any
  std::vector<std::string> known;    ///< words that it may be among others, which completions offer
  std::string default_value;
  std::string help;
  std::string brief;  ///< its line in the short help; empty: it is not there
  std::string group;
  std::vector<std::string> needs;     ///< flags that must be given with it
  std::vector<std::string> excludes;  ///< flags that must not
  bool takes_value = false;
  bool is_required = false;
  bool repeats = false;
  bool is_model = false;  ///< completions offer the models that are here

  const std::string& long_name() const { return names.empty() ? argument : names.front(); }
};

/// A line that can be typed, and what it does.
struct Example {
  std::string line;
  std::string purpose;
};

struct ExitCode {
  int code;
  std::string meaning;
};

/// A command, its options and the commands under it.
struct CommandDescription {
  std::vector<std::string> names;  ///< "clipcls", "model", "fetch"
  std::string help;
  std::string footer;
  std::vector<Example> examples;
  std::vector<ExitCode> exit_codes;
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

/// "-l, --labels": the short names first.
std::string flag_names(const OptionDescription& option);

/// All that is said of an option: its help, its default, what it needs and excludes. Without a full stop.
std::string full_help(const OptionDescription& option);

/// The groups of the options, in the order in which people are told of them.
std::vector<std::string> groups_of(const CommandDescription& command);

}  // namespace clipcls
