#include "cli/help/man_page.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "cli/help/completion_parts.h"

namespace clipcls {
namespace {

/// Text as roff reads it: backslashes, hyphens (which would become dashes) and control characters at the
/// beginning of a line.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char character : text) {
    const bool begins_line = escaped.empty() || escaped.back() == '\n';
    if (begins_line && (character == '.' || character == '\'')) escaped += "\\&";
    if (begins_line && character == ' ') continue;
    if (character == '\\') {
      escaped += "\\e";
    } else if (character == '-') {
      escaped += "\\-";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

/// The words of `text` in lines of at most 78 columns, which roff joins again.
std::string fill(const std::string& text) {
  constexpr std::size_t kColumns = 78;
  std::string filled;
  std::string line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && escape(line).size() + 1 + escape(word).size() > kColumns) {
      filled.append(escape(line)).append("\n");
      line.clear();
    }
    line.append(line.empty() ? "" : " ").append(word);
  }
  return filled + escape(line);
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string sentence(const std::string& text) {
  const std::string result = fill(text);
  return result.empty() || result.back() == '.' ? result : result + ".";
}

/// A footer keeps its lines.
std::string lines_of(const std::string& footer) {
  std::string text;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) text += (text.empty() ? "" : "\n.br\n") + fill(line);
  return text + "\n";
}

/// "-l, --labels FILE|NAME", short names first.
std::string heading_of(const OptionDescription& option) {
  std::string text;
  std::vector<std::string> names = option.names;
  std::ranges::stable_sort(names, {}, [](const std::string& name) { return name.starts_with("--"); });
  for (const std::string& name : names) text += (text.empty() ? "\\fB" : ", \\fB") + escape(name) + "\\fR";
  if (!option.takes_value) return text;
  return text + (text.empty() ? "\\fI" : " \\fI") + escape(option.argument) + "\\fR" +
         (option.repeats && option.names.empty() ? "..." : "");
}

std::string entry_of(const OptionDescription& option) {
  std::string text = ".TP\n" + heading_of(option) + "\n" + sentence(option.help) + "\n";
  if (option.names.empty() && !option.choices.empty())
    text += "One of " + escape(join(option.choices, ", ")) + ".\n";
  if (!option.default_value.empty()) text += "Default: " + escape(option.default_value) + ".\n";
  return text;
}

std::string options_of(const CommandDescription& command, const std::string& group_macro) {
  std::vector<std::string> groups;
  for (const OptionDescription& option : command.options) {
    if (std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  }
  std::string text;
  for (const std::string& group : groups) {
    // CLI11 calls the group of everything that was given none "Options".
    if (group != "Options") text += group_macro + " " + escape(group) + "\n";
    for (const OptionDescription& option : command.options) {
      if (option.group == group) text += entry_of(option);
    }
  }
  return text;
}

std::string synopsis_of(const CommandDescription& command) {
  std::string text = ".B " + escape(command.name()) + "\n";
  text += "[\\fIOPTIONS\\fR]";
  for (const OptionDescription& option : command.options) {
    if (!option.names.empty()) continue;
    const std::string argument = "\\fI" + escape(option.argument) + "\\fR" + (option.repeats ? "..." : "");
    text += option.is_required ? " " + argument : " [" + argument + "]";
  }
  return text + "\n";
}

std::string section_of(const CommandDescription& command, const std::string& inherited_footer) {
  std::string text = ".SS " + escape(command.name()) + "\n" + sentence(command.help) + "\n";
  text += ".PP\n" + synopsis_of(command) + options_of(command, ".PP\n");
  if (command.footer != inherited_footer) text += ".PP\n" + lines_of(command.footer);
  return text;
}

}  // namespace

std::string write_man_page(const CommandDescription& program, const std::string& version) {
  const std::string name = program.names.front();
  std::string text = ".\\\" Made by: " + name + " man\n";
  text +=
      ".TH " + upper(name) + " 1 " CLIPCLS_BUILD_DATE " \"" + name + " " + version + "\" \"User Commands\"\n";
  text += ".SH NAME\n" + name + " \\- zero\\-shot image classification with CLIP\n";
  text += ".SH SYNOPSIS\n" + synopsis_of(program);
  for (const CommandDescription& command : program.commands)
    text += ".br\n.B " + escape(command.name()) + "\n[\\fIOPTIONS\\fR] ...\n";
  text += ".SH DESCRIPTION\n" + sentence(program.help) + "\n";
  text += ".SH OPTIONS\n" + options_of(program, ".SS");
  text += ".SH COMMANDS\n";
  for (const CommandDescription* command : all_commands(program)) {
    if (command != &program && command->commands.empty()) text += section_of(*command, program.footer);
  }
  text += ".SH EXIT STATUS\n" + lines_of(program.footer);
  text +=
      ".SH ENVIRONMENT\n.TP\n.B CLIPCLS_MODEL\nThe model, where \\fB\\-\\-model\\fR is not given.\n"
      ".TP\n.B CLIPCLS_MODEL_PATH\nFolders of models, separated by colons.\n"
      ".TP\n.B CLIPCLS_CACHE_DIR\nFolder of cached label embeddings.\n"
      ".TP\n.B CLIPCLS_MAX_ISA\nUse no more of the processor than this level: x86\\-64\\-v2, "
      "avx2,\navx_vnni, "
      "avx512, avx512_vnni or avx512_bf16.\n";
  text +=
      ".SH EXAMPLES\n.nf\nclipcls photo.jpg \\-\\-labels cifar100\n"
      "clipcls *.jpg \\-\\-label cat \\-\\-label dog \\-\\-format jsonl | jq \\-r .image\n.fi\n";
  return text;
}

}  // namespace clipcls
