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

std::string case_of_value(const CommandDescription& command, const OptionDescription& option) {
  std::string patterns;
  for (const std::string& flag : option.names)
    patterns += (patterns.empty() ? "'" : "|'") + command.name() + " " + flag + "'";
  std::string action = ":";  // some text: nothing to offer
  if (!option.choices.empty()) {
    action = "COMPREPLY=($(compgen -W " + shell_quote(join(option.choices, " ")) + " -- \"$word\"))";
  } else if (is_path(option)) {
    action = option.argument == "DIR" ? "_clipcls_paths -d" : "_clipcls_paths -f";
  }
  return "    " + patterns + ") " + action + "; return ;;\n";
}

std::string case_of_arguments(const CommandDescription& command) {
  for (const OptionDescription& option : command.options) {
    if (!option.names.empty()) continue;
    if (!option.choices.empty()) {
      return "    '" + command.name() + "') COMPREPLY+=($(compgen -W " +
             shell_quote(join(option.choices, " ")) + " -- \"$word\")) ;;\n";
    }
    if (is_path(option)) return "    '" + command.name() + "') _clipcls_paths -f ;;\n";
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
