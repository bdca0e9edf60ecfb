#include <algorithm>

#include "cli/help/completion_parts.h"

namespace clipcls {
namespace {

/// In fish a backslash is kept in single quotes, except before a quote or a backslash.
std::string fish_quote(const std::string& text) {
  std::string quoted = "'";
  for (const char character : text) {
    if (character == '\'' || character == '\\') quoted += '\\';
    quoted += character;
  }
  return quoted + "'";
}

/// When the words so far begin with exactly the names of `command`.
std::string condition(const CommandDescription& command) {
  return fish_quote("__clipcls_is " + join({command.names.begin() + 1, command.names.end()}, " "));
}

/// When they are nothing else: only there may a command under it stand.
std::string condition_of_commands(const CommandDescription& command) {
  return fish_quote("__clipcls_is " + join({command.names.begin() + 1, command.names.end()}, " ") +
                    "; and test (count (commandline -opc)) -eq " + std::to_string(command.names.size()));
}

std::string line_of(const CommandDescription& command, const OptionDescription& option) {
  std::string line = "complete -c clipcls -n " + condition(command);
  for (const std::string& flag : option.names) {
    const bool is_long = flag.starts_with("--");
    line.append(is_long ? " -l " : " -s ").append(flag, is_long ? 2 : 1);
  }
  if (option.names.empty()) {
    if (!is_path(option)) line += " -f";
  } else if (option.takes_value) {
    line += is_path(option) && !is_folder_path(option) ? " -r -F" : " -x";
  }
  std::string words = join(offered_words(option), " ");
  if (option.is_model) words += " (__clipcls_models)";
  if (is_folder_path(option)) words += " (__fish_complete_directories)";
  if (!words.empty()) line += " -a " + fish_quote(words);
  return line + " -d " + fish_quote(description_of(option)) + "\n";
}

bool takes_files(const CommandDescription& command) {
  return std::ranges::any_of(command.options, [](const OptionDescription& option) {
    return option.names.empty() && is_path(option);
  });
}

}  // namespace

std::string write_fish_completion(const CommandDescription& program) {
  std::string names;
  for (const CommandDescription* command : all_commands(program)) {
    if (command == &program) continue;
    names.append(" ").append(fish_quote(join({command->names.begin() + 1, command->names.end()}, " ")));
  }
  std::string text =
      "# fish completion of clipcls; made by: clipcls completion fish\n"
      "function __clipcls_is --description 'Whether these are the commands on the line'\n"
      "    set -l found ''\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        if contains -- (string trim -- \"$found $word\")" +
      names +
      "\n"
      "            set found (string trim -- \"$found $word\")\n"
      "        else\n"
      "            break\n"
      "        end\n"
      "    end\n"
      "    test \"$found\" = \"$argv\"\n"
      "end\n"
      "function __clipcls_models --description 'The models that are here'\n"
      "    set -l program (commandline -opc)[1]\n"
      "    $program model list --no-config 2>/dev/null | string match -v 'NAME *' | string replace -r ' .*' "
      "''\n"
      "end\n";
  for (const CommandDescription* command : all_commands(program)) {
    for (const CommandDescription& child : command->commands) {
      text += "complete -c clipcls -n " + condition_of_commands(*command) + " -a " +
              fish_quote(child.names.back()) + " -d " + fish_quote(child.help) + "\n";
    }
    for (const OptionDescription& option : command->options) {
      const bool has_words = !offered_words(option).empty() || option.is_model;
      if (!option.names.empty() || has_words) text += line_of(*command, option);
    }
    if (!takes_files(*command)) text += "complete -c clipcls -f -n " + condition(*command) + "\n";
  }
  return text;
}

}  // namespace clipcls
