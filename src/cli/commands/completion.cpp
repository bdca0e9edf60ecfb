#include "cli/help/completion.h"

#include <map>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/program.h"
#include "cli/results/output_file.h"

namespace clipcls {
namespace {

const std::map<std::string, Shell> kShells = {
    {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};

}  // namespace

void add_completion(Program& program) {
  CommandDeclaration& command = program.add("completion", "Print the completion script of a shell");
  const auto shell = std::make_shared<Shell>(Shell::kBash);
  command.add_choice("SHELL", *shell, kShells, "The shell")->required();
  command.footer(
      "Where the script belongs:\n"
      "  bash: ~/.local/share/bash-completion/completions/clipcls\n"
      "  zsh:  a file _clipcls in a folder of $fpath\n"
      "  fish: ~/.config/fish/completions/clipcls.fish");
  command.examples({{"source <(clipcls completion bash)", "in this shell, until it ends"},
                    {"clipcls completion fish > clipcls.fish", "a file to put in place"}});
  command.take_no_configuration();
  command.exit_codes({{0, "it is printed"}, {2, "there is no such shell"}});
  command.runs([shell, &program] { return print(write_completion(program.root().describe(), *shell)); });
}

}  // namespace clipcls
