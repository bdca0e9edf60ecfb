#include "cli/help/command_tree.h"

#include <algorithm>
#include <cctype>

#include "cli/help/option_groups.h"

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

std::string flag_names(const OptionDescription& option) {
  std::vector<std::string> names = option.names;
  std::ranges::stable_sort(names, {}, [](const std::string& name) { return name.starts_with("--"); });
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string full_help(const OptionDescription& option) {
  std::string text = option.help;
  if (!option.default_value.empty()) text += "; default: " + option.default_value;
  const auto add = [&](const char* words, const std::vector<std::string>& flags) {
    for (const std::string& flag : flags) text += (&flag == &flags.front() ? words : " or ") + flag;
  };
  add(". Needs ", option.needs);
  add(". Not with ", option.excludes);
  if (option.is_required && !option.names.empty()) text += ". Required";
  return text;
}

std::vector<std::string> groups_of(const CommandDescription& command) {
  std::vector<std::string> groups;
  for (const OptionDescription& option : command.options) {
    if (!option.names.empty() && std::ranges::find(groups, option.group) == groups.end())
      groups.push_back(option.group);
  }
  std::ranges::stable_sort(groups, {}, [](const std::string& group) {
    return std::ranges::find(kOptionGroups, group) - kOptionGroups.begin();
  });
  return groups;
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
