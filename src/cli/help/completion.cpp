#include "cli/help/completion.h"

#include <algorithm>
#include <array>

#include "cli/help/completion_parts.h"

namespace clipcls {

std::vector<const CommandDescription*> all_commands(const CommandDescription& program) {
  std::vector<const CommandDescription*> commands = {&program};
  for (const CommandDescription& command : program.commands) {
    const auto below = all_commands(command);
    commands.insert(commands.end(), below.begin(), below.end());
  }
  return commands;
}

bool is_path(const OptionDescription& option) {
  constexpr std::array<const char*, 8> kWords = {"FILE",   "DIR",   "PATH",    "IMAGE",
                                                 "SOURCE", "MODEL", "JOURNAL", "LABELS"};
  return std::ranges::any_of(
      kWords, [&](const char* word) { return option.argument.find(word) != std::string::npos; });
}

bool is_folder_path(const OptionDescription& option) {
  return !option.names.empty() && option.argument.starts_with("DIR");
}

const std::vector<std::string>& offered_words(const OptionDescription& option) {
  return option.choices.empty() ? option.known : option.choices;
}

std::string description_of(const OptionDescription& option) {
  return option.brief.empty() ? full_help(option) : option.brief;
}

std::string join(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::string write_completion(const CommandDescription& program, Shell shell) {
  switch (shell) {
    case Shell::kZsh:
      return write_zsh_completion(program);
    case Shell::kFish:
      return write_fish_completion(program);
    case Shell::kBash:
      break;
  }
  return write_bash_completion(program);
}

}  // namespace clipcls
