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
  if (!option.names.empty()) text = "\\fB" + escape(flag_names(option)) + "\\fR";
  if (!option.takes_value) return text;
  return text + (text.empty() ? "\\fI" : " \\fI") + escape(option.argument) + "\\fR" +
         (option.repeats && option.names.empty() ? "..." : "");
}

std::string entry_of(const OptionDescription& option) {
  std::string text = ".TP\n" + heading_of(option) + "\n" + sentence(full_help(option)) + "\n";
  if (option.names.empty() && !option.choices.empty())
    text += "One of " + escape(join(option.choices, ", ")) + ".\n";
  return text;
}

/// Flags of every command, which the page tells of once.
bool is_everywhere(const OptionDescription& option) {
  return option.long_name() == "-h" || option.long_name() == "--help" || option.long_name() == "--no-config";
}

/// The arguments, then the flags group by group.
std::string options_of(const CommandDescription& command, const std::string& group_macro) {
  const bool is_command = command.names.size() > 1;
  std::string text;
  for (const OptionDescription& option : command.options) {
    if (option.names.empty()) text += entry_of(option);
  }
  for (const std::string& group : groups_of(command)) {
    if (!group_macro.empty()) text += group_macro + " " + escape(group) + "\n";
    for (const OptionDescription& option : command.options) {
      const bool is_told = is_command && is_everywhere(option);
      if (!option.names.empty() && option.group == group && !is_told) text += entry_of(option);
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

std::string exit_codes_of_page(const CommandDescription& command) {
  std::string text;
  for (const ExitCode& exit_code : command.exit_codes)
    text += ".TP\n.B " + std::to_string(exit_code.code) + "\n" + sentence(exit_code.meaning) + "\n";
  return text;
}

std::string section_of(const CommandDescription& command) {
  std::string text = ".SS " + escape(command.name()) + "\n" + sentence(command.help) + "\n";
  text += ".PP\n" + synopsis_of(command) + options_of(command, "");
  if (!command.footer.empty()) text += ".PP\n" + lines_of(command.footer);
  return text + ".PP\nExit codes:\n" + exit_codes_of_page(command);
}

/// The examples of the program and of each command.
std::string examples_of_page(const CommandDescription& program) {
  std::string text;
  for (const CommandDescription* command : all_commands(program)) {
    if (command->examples.empty()) continue;
    text += ".SS " + escape(command->name()) + "\n";
    for (const Example& example : command->examples) {
      const std::string purpose = fill(example.purpose);
      text += ".TP\n.B " + escape(example.line) + "\n" + purpose + "\n";
    }
  }
  return text;
}

constexpr const char* kEnvironment =
    R"(.SH ENVIRONMENT
.TP
.B CLIPCLS_MODEL
The model, where \fB\-\-model\fR is not given.
.TP
.B CLIPCLS_MODEL_PATH
Folders of models, separated by colons.
.TP
.B CLIPCLS_CACHE_DIR
Folder of cached label embeddings.
.TP
.B CLIPCLS_MAX_ISA
Use no more of the processor than this level: x86\-64\-v2, avx2, avx_vnni,
avx512, avx512_vnni, avx512_bf16 or amx_int8.
.TP
.B CLIPCLS_CONFIG
The configuration file, in place of the one under FILES; empty: none.
.TP
.B XDG_CONFIG_HOME\fR, \fBXDG_DATA_HOME\fR, \fBXDG_CACHE_HOME
Where the configuration file, fetched models and cached label embeddings lie,
see FILES.
.TP
.B NO_COLOR
No colours, where it is set and not empty.
.TP
.B HF_TOKEN
Sent to the Hugging Face hub, for repositories that are not public.
.TP
.B https_proxy\fR, \fBhttp_proxy\fR, \fBno_proxy
Proxies of \fBclipcls model fetch\fR.
.TP
.B CURL_CA_BUNDLE\fR, \fBSSL_CERT_FILE
Certificates that \fBclipcls model fetch\fR trusts.
.SH FILES
.TP
.I ~/.config/clipcls/config.toml
Presets of flags; $XDG_CONFIG_HOME/clipcls/config.toml.
A line is \fIkey\fR = \fIvalue\fR, the key being a flag without its dashes:
model = "ViT\-B/32", top\-k = 3, recursive = true, label = ["cat", "dog"].
Keys above the first section are for classifying; model, device, precision,
threads and those of the cache are for every command.
A section is for one command: [eval], [model.fetch].
The command line wins, then the variables of ENVIRONMENT, then the section.
Flags that write or move files cannot be preset.
\fB\-\-no\-config\fR leaves the file out.
.TP
.I ~/.local/share/clipcls/models
Models of this user, one in each folder; $XDG_DATA_HOME/clipcls/models.
.TP
.I ~/.cache/clipcls
Cached label embeddings; $XDG_CACHE_HOME/clipcls.
.TP
.I FILE.resume\fR, \fIFILE.partial
Beside the file of \fB\-\-output\fR: the settings that its rows were made with,
and what is not finished.
.TP
.I DIR/clipcls\-journal\-*.jsonl
What \fB\-\-sort\-into\fR did, for \fBclipcls undo\fR.
)";

}  // namespace

std::string write_man_page(const CommandDescription& program, const std::string& version) {
  const std::string name = program.names.front();
  std::string text = ".\\\" Made by: " + name + " man\n";
  text +=
      ".TH " + upper(name) + " 1 " CLIPCLS_BUILD_DATE " \"" + name + " " + version + "\" \"User Commands\"\n";
  text += ".SH NAME\n" + name + " \\- zero\\-shot image classification with CLIP\n";
  text += ".SH SYNOPSIS\n" + synopsis_of(program);
  text += ".br\n.B " + escape(name) + "\n\\fICOMMAND\\fR ...\n";
  text += ".SH DESCRIPTION\n" + sentence(program.help) + "\n.PP\n" + sentence(program.footer) + "\n";
  text += ".SH OPTIONS\n" + options_of(program, ".SS");
  text +=
      ".SH COMMANDS\nEach has \\fB\\-h\\fR and \\fB\\-\\-help\\fR, too, and \\fB\\-\\-no\\-config\\fR\n"
      "where the configuration file is for it.\n";
  for (const CommandDescription* command : all_commands(program)) {
    if (command != &program && command->commands.empty()) text += section_of(*command);
  }
  text += ".SH EXIT STATUS\n" + exit_codes_of_page(program) +
          ".PP\nCommands have their own, which stand with each of them.\n";
  text += kEnvironment;
  return text + ".SH EXAMPLES\n" + examples_of_page(program);
}

}  // namespace clipcls
