#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

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
};

/// What `app` declares.
CommandDescription describe_commands(const CLI::App& app);

}  // namespace clipcls
