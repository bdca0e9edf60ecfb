#include "command_tree.h"

#include <algorithm>
#include <cctype>

#include "option_kinds.h"

namespace clipcls {
namespace {

/// "json|jsonl|text" declares three words; "FILE|NAME" two kinds of value.
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

OptionDescription describe_option(const CLI::Option& option) {
  OptionDescription described;
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  described.takes_value = option.get_items_expected_max() > 0;
  described.repeats = option.get_items_expected_max() > 1;
  described.argument = described.names.empty() ? option.get_name() : option.get_type_name();
  described.choices = choices_of(option.get_type_name());
  described.default_value = option.get_default_str();
  described.help = option.get_description();
  described.group = option.get_group();
  described.is_required = option.get_required();
  return described;
}

CommandDescription describe(const CLI::App& app, std::vector<std::string> names) {
  names.push_back(app.get_name());
  CommandDescription command{names, app.get_description(), app.get_footer(), {}, {}};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(describe_option(*option));
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    command.commands.push_back(describe(*child, names));
  return command;
}

}  // namespace

std::string CommandDescription::name() const {
  std::string text;
  for (const std::string& part : names) text += (text.empty() ? "" : " ") + part;
  return text;
}

CommandDescription describe_commands(const CLI::App& app) { return describe(app, {}); }

}  // namespace clipcls
