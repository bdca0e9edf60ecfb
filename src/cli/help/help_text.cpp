#include "cli/help/help_text.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "cli/terminal/terminal_abilities.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMinColumns = 40;
constexpr std::size_t kScreenLines = 40;  // of -h
constexpr std::size_t kTermColumns = 26;  // where the text behind a flag begins
constexpr std::size_t kFewOptions = 12;   // so many need no groups

using Entry = std::pair<std::string, std::string>;  // a term, and what it means

/// `text` in lines that end before `columns`; all but the first are indented. The first begins at column
/// `used`.
std::string wrap(const std::string& text, std::size_t columns, std::size_t indent, std::size_t used) {
  std::string wrapped;
  std::istringstream words(text);
  std::size_t column = used;
  for (std::string word; words >> word;) {
    const auto width = static_cast<std::size_t>(display_width(word));
    if (column > indent && column + 1 + width > columns) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += width;
  }
  return wrapped + "\n";
}

/// Each line of `text` by itself; what is indented in it stays so.
std::string wrap_lines(const std::string& text, std::size_t columns) {
  std::string wrapped;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    wrapped += std::string(indent, ' ') + wrap(line, columns, indent, indent);
  }
  return wrapped;
}

/// Terms on the left, what they mean behind column `begin`, under a heading.
std::string list(const std::string& heading, const std::vector<Entry>& entries, std::size_t columns,
                 std::size_t begin) {
  if (entries.empty()) return "";
  std::string text = "\n" + heading + ":\n";
  for (const auto& [term, meaning] : entries) {
    std::string line = "  " + term;
    const auto width = static_cast<std::size_t>(display_width(line));
    line += width + 2 <= begin ? std::string(begin - width, ' ') : "\n" + std::string(begin, ' ');
    text += line + wrap(meaning, columns, begin, begin);
  }
  return text;
}

/// "-l, --labels FILE"; without a short name the long one stands where those with one have theirs.
std::string term_of(const OptionDescription& option) {
  if (option.names.empty()) return option.argument + (option.repeats ? "..." : "");
  const bool is_long_alone = option.names.size() == 1 && option.names.front().starts_with("--");
  return (is_long_alone ? "    " : "") + flag_names(option) +
         (option.takes_value ? " " + option.argument : std::string());
}

std::string usage_of(const CommandDescription& command) {
  if (!command.commands.empty() && command.names.size() > 1)
    return "Usage: " + command.name() + " COMMAND ...\n";
  std::string text = "Usage: " + command.name() + " [OPTIONS]";
  for (const OptionDescription& option : command.options) {
    if (!option.names.empty()) continue;
    const std::string argument = option.argument + (option.repeats ? "..." : "");
    text += option.is_required ? " " + argument : " [" + argument + "]";
  }
  return text + (command.commands.empty() ? "\n" : "\n       " + command.name() + " COMMAND ...\n");
}

std::string head_of(const CommandDescription& command, std::size_t columns) {
  return usage_of(command) + "\n" + wrap_lines(command.help, columns);
}

std::string examples_of(const CommandDescription& command, std::size_t columns) {
  std::vector<Entry> entries;
  std::size_t begin = 0;
  for (const Example& example : command.examples) {
    entries.emplace_back(example.line, example.purpose);
    begin = std::max(begin, static_cast<std::size_t>(display_width(example.line)) + 4);
  }
  return list("Examples", entries, columns, std::min(begin, columns / 2 + 4));
}

std::string arguments_of(const CommandDescription& command, std::size_t columns) {
  std::vector<Entry> entries;
  for (const OptionDescription& option : command.options) {
    if (!option.names.empty()) continue;
    std::string meaning = option.help;
    for (const std::string& choice : option.choices)
      meaning += (&choice == &option.choices.front() ? ": " : ", ") + choice;
    entries.emplace_back(term_of(option), meaning);
  }
  return list("Arguments", entries, columns, kTermColumns);
}

std::string options_of_groups(const CommandDescription& command, std::size_t columns) {
  const std::vector<std::string> groups = groups_of(command);
  std::string text;
  std::vector<Entry> entries;
  std::vector<Entry> all;
  for (const std::string& group : groups) {
    entries.clear();
    for (const OptionDescription& option : command.options) {
      if (!option.names.empty() && option.group == group)
        entries.emplace_back(term_of(option), full_help(option));
    }
    all.insert(all.end(), entries.begin(), entries.end());
    text += list(group, entries, columns, kTermColumns);
  }
  return all.size() > kFewOptions ? text : list("Options", all, columns, kTermColumns);
}

std::string commands_of_help(const CommandDescription& command, std::size_t columns) {
  std::vector<Entry> entries;
  for (const CommandDescription& below : command.commands)
    entries.emplace_back(below.names.back(), below.help);
  return list("Commands", entries, columns, 14);
}

std::string exit_codes_of(const CommandDescription& command, std::size_t columns) {
  std::vector<Entry> entries;
  for (const ExitCode& exit_code : command.exit_codes)
    entries.emplace_back(std::to_string(exit_code.code), exit_code.meaning);
  return list("Exit codes", entries, columns, 7);
}

}  // namespace

std::size_t help_columns() {
  return std::clamp(static_cast<std::size_t>(terminal_columns(STDOUT_FILENO)), kMinColumns, kMaxColumns);
}

std::string write_help(const CommandDescription& command, std::size_t columns) {
  const std::string footer = command.footer.empty() ? "" : "\n" + wrap_lines(command.footer, columns);
  return head_of(command, columns) + examples_of(command, columns) + arguments_of(command, columns) +
         options_of_groups(command, columns) + commands_of_help(command, columns) + footer +
         exit_codes_of(command, columns);
}

std::string write_short_help(const CommandDescription& command, std::size_t columns) {
  std::string whole = write_help(command, columns);
  if (static_cast<std::size_t>(std::ranges::count(whole, '\n')) <= kScreenLines) return whole;
  std::vector<Entry> entries;
  for (const OptionDescription& option : command.options) {
    if (!option.brief.empty()) entries.emplace_back(term_of(option), option.brief);
  }
  std::string commands;
  for (const CommandDescription& below : command.commands)
    commands += (commands.empty() ? "Commands: " : ", ") + below.names.back();
  if (!commands.empty())
    commands = "\n" + wrap_lines(commands + "; see " + command.name() + " help COMMAND", columns);
  return head_of(command, columns) + examples_of(command, columns) + arguments_of(command, columns) +
         list("Options", entries, columns, kTermColumns) + commands + "\nAll options: " + command.name() +
         " --help\n";
}

}  // namespace clipcls
