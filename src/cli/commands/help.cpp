#include <memory>

#include "base/closest_word.h"
#include "cli/commands/commands.h"
#include "cli/help/help_text.h"
#include "cli/program.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

std::vector<std::string> names_of(const CommandDescription& above) {
  std::vector<std::string> names;
  for (const CommandDescription& command : above.commands) names.push_back(command.names.back());
  return names;
}

/// The command that `words` name. Throws Error (kUsage) that names the nearest one.
const CommandDescription& find_named(const CommandDescription& program,
                                     const std::vector<std::string>& words) {
  const CommandDescription* command = &program;
  for (const std::string& word : words) {
    const CommandDescription* const below = command->find_command(word);
    if (below == nullptr) {
      std::string problem = command->name();
      problem += " has no command ";
      throw Error(ErrorKind::kUsage, problem + word + perhaps_meant(word, names_of(*command)) + "; see " +
                                         command->name() + " --help");
    }
    command = below;
  }
  return *command;
}

}  // namespace

void add_help(Program& program) {
  CommandDeclaration& command = program.add("help", "Print the help of a command, as COMMAND --help does");
  const auto words = std::make_shared<std::vector<std::string>>();
  command.add_option("COMMAND", *words, "The command; without one, what one needs first")
      ->type_name("")
      ->offers(names_of(program.root().describe()));
  command.examples({{"clipcls help eval", "all about one command"},
                    {"clipcls help model fetch", "a command may have two words"}});
  command.take_no_configuration();
  command.exit_codes({{0, "it is printed"}, {2, "there is no such command"}});
  command.runs([words, &program] {
    const CommandDescription description = program.root().describe();
    const CommandDescription& named = find_named(description, *words);
    return print(words->empty() ? write_short_help(named, help_columns())
                                : write_help(named, help_columns()));
  });
}

}  // namespace clipcls
