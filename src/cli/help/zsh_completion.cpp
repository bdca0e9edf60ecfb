#include "cli/help/completion_parts.h"

namespace clipcls {
namespace {

/// Within [] and in the fields of an _arguments specification.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char character : text) {
    if (character == '[' || character == ']' || character == ':' || character == '\\') escaped += '\\';
    escaped += character;
  }
  return escaped;
}

std::string action_of(const OptionDescription& option) {
  std::vector<std::string> actions;
  if (!offered_words(option).empty()) actions.push_back("compadd -- " + join(offered_words(option), " "));
  if (option.is_model) actions.emplace_back("_clipcls_models");
  if (is_path(option)) actions.emplace_back(is_folder_path(option) ? "_files -/" : "_files");
  return actions.empty() ? " " : "{" + escape(join(actions, "; ")) + "}";
}

std::string specification(const OptionDescription& option) {
  std::string argument = ":";
  argument.append(escape(option.argument)).append(":").append(action_of(option));
  if (option.names.empty()) return shell_quote((option.repeats ? "*" : "") + argument);
  std::string help = "[";
  help.append(escape(description_of(option))).append("]");
  std::string exclusions = "(";
  exclusions.append(join(option.names, " ")).append(")");
  std::vector<std::string> specifications;
  for (const std::string& flag : option.names) {
    std::string text = option.repeats ? "*" : exclusions;
    text += flag;
    // --flag=VALUE and --flag VALUE; -f VALUE and -fVALUE
    if (option.takes_value) text += flag.starts_with("--") ? "=" : "+";
    text += help;
    if (option.takes_value) text += argument;
    specifications.push_back(shell_quote(text));
  }
  return join(specifications, " ");
}

std::string function_name(const CommandDescription& command) {
  return std::string("_").append(join(command.names, "_"));
}

std::string function_of(const CommandDescription& command) {
  std::string text = function_name(command) + "() {\n";
  if (command.names.size() == 1) text += "  local _clipcls_program=${(Q)words[1]}\n";
  if (!command.commands.empty()) {
    text += "  local -a commands=(\n";
    for (const CommandDescription& child : command.commands)
      text += "    " + shell_quote(child.names.back() + ":" + escape(child.help)) + "\n";
    text += "  )\n  case ${words[2]} in\n";
    for (const CommandDescription& child : command.commands) {
      text += "    " + child.names.back() + ") if (( CURRENT > 2 )); then shift words; (( CURRENT-- )); " +
              function_name(child) + "; return; fi ;;\n";
    }
    text += "  esac\n  (( CURRENT == 2 )) && _describe command commands\n";
  }
  text += "  _arguments -s";
  for (const OptionDescription& option : command.options) text += " \\\n    " + specification(option);
  return text + "\n}\n";
}

}  // namespace

std::string write_zsh_completion(const CommandDescription& program) {
  std::string text =
      "#compdef clipcls\n# zsh completion of clipcls; made by: clipcls completion zsh\n"
      "_clipcls_models() {\n"
      "  local -a rows=(${(f)\"$($_clipcls_program model list --no-config 2>/dev/null)\"})\n"
      "  compadd -- ${rows[2,-1]%% *}\n"
      "}\n";
  for (const CommandDescription* command : all_commands(program)) text += function_of(*command);
  // Sourced, it is registered; loaded from $fpath, it is the function itself.
  return text +
         "if [[ $funcstack[1] = _clipcls ]]; then _clipcls \"$@\"; else compdef _clipcls clipcls; fi\n";
}

}  // namespace clipcls
