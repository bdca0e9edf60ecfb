#include "cli/help/command_tree.h"

#include <algorithm>
#include <cctype>

namespace clipcls {

std::string CommandDescription::name() const {
  std::string text;
  for (const std::string& part : names) text += (text.empty() ? "" : " ") + part;
  return text;
}

const CommandDescription* CommandDescription::find_command(const std::string& word) const {
  const auto found = std::ranges::find_if(
      commands, [&](const CommandDescription& command) { return command.names.back() == word; });
  return found == commands.end() ? nullptr : &*found;
}

const OptionDescription* CommandDescription::find_flag(const std::string& name) const {
  const auto found = std::ranges::find_if(options, [&](const OptionDescription& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  });
  return found == options.end() ? nullptr : &*found;
}

std::vector<std::string> choices_of(const std::string& type_name) {
  std::vector<std::string> words;
  if (type_name.find('|') == std::string::npos) return words;
  std::size_t begin = 0;
  while (begin <= type_name.size()) {
    const std::size_t end = std::min(type_name.find('|', begin), type_name.size());
    words.push_back(type_name.substr(begin, end - begin));
    begin = end + 1;
  }
  const bool are_kinds = std::ranges::any_of(
      type_name, [](char character) { return std::isupper(static_cast<unsigned char>(character)) != 0; });
  if (are_kinds) words.clear();
  return words;
}

}  // namespace clipcls
