#include "cli/help/completion_parts.h"

namespace clipcls {
namespace {

std::string flags_of(const CommandDescription& command) {
  std::vector<std::string> flags;
  for (const OptionDescription& option : command.options) {
    flags.insert(flags.end(), option.names.begin(), option.names.end());
  }
  return join(flags, " ");
}

std::string commands_of(const CommandDescription& command) {
  std::vector<std::string> names;
  for (const CommandDescription& child : command.commands) names.push_back(child.names.back());
  return join(names, " ");
}

/// What is offered where the value belongs; ":" for some text.
std::string bash_action_of(const OptionDescription& option) {
  std::vector<std::string> actions;
  if (!offered_words(option).empty())
    actions.push_back("_clipcls_words " + shell_quote(join(offered_words(option), " ")));
  if (option.is_model) actions.emplace_back("_clipcls_models");
  if (is_path(option))
    actions.emplace_back(is_folder_path(option) ? "_clipcls_paths -d" : "_clipcls_paths -f");
  return actions.empty() ? ":" : join(actions, "; ");
}

std::string case_of_value(const CommandDescription& command, const OptionDescription& option) {
  std::string patterns;
  for (const std::string& flag : option.names)
    patterns += (patterns.empty() ? "'" : "|'") + command.name() + " " + flag + "'";
  return "    " + patterns + ") " + bash_action_of(option) + "; return ;;\n";
}

std::string case_of_arguments(const CommandDescription& command) {
  for (const OptionDescription& option : command.options) {
    if (option.names.empty()) return "    '" + command.name() + "') " + bash_action_of(option) + " ;;\n";
  }
  return "";
}

}  // namespace

std::string write_bash_completion(const CommandDescription& program) {
  std::string commands;
  std::string words;
  std::string values;
  std::string arguments;
  for (const CommandDescription* command : all_commands(program)) {
    if (command != &program) commands += "      '" + command->name() + "') command=\"$next\" ;;\n";
    words += "    '" + command->name() + "') flags=" + shell_quote(flags_of(*command)) +
             " commands=" + shell_quote(commands_of(*command)) + " ;;\n";
    for (const OptionDescription& option : command->options) {
      if (!option.names.empty() && option.takes_value) values += case_of_value(*command, option);
    }
    arguments += case_of_arguments(*command);
  }
  return "# bash completion of clipcls; made by: clipcls completion bash\n"
         "_clipcls_paths() {\n"
         "  local path\n"
         "  compopt -o filenames 2>/dev/null\n"
         "  while IFS= read -r path; do COMPREPLY+=(\"$path\"); done < <(compgen \"$1\" -- \"$word\")\n"
         "}\n"
         "_clipcls_words() {\n"
         "  COMPREPLY+=($(compgen -W \"$1\" -- \"$word\"))\n"
         "}\n"
         "_clipcls_models() {\n"
         "  local name rest\n"
         "  while read -r name rest; do\n"
         "    [[ $name != NAME && $name == \"$word\"* ]] && COMPREPLY+=(\"$name\")\n"
         "  done < <(\"${COMP_WORDS[0]}\" model list --no-config 2>/dev/null)\n"
         "}\n"
         "_clipcls() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=clipcls next "
         "flags commands i\n"
         "  COMPREPLY=()\n"
         "  # bash takes --flag=value apart\n"
         "  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  [[ $word == = ]] && word=\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    next=\"$command ${COMP_WORDS[i]}\"\n"
         "    case $next in\n" +
         commands +
         "      *) break ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$command $before\" in\n" +
         values +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  # A command stands in front of everything else\n"
         "  ((i == COMP_CWORD)) && COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
         "  case $command in\n" +
         arguments +
         "  esac\n"
         "}\n"
         "complete -F _clipcls clipcls\n";
}

}  // namespace clipcls
