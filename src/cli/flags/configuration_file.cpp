#include "cli/flags/configuration_file.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string_view>

#include "base/environment.h"
#include "base/trim.h"
#include "clipcls/error.h"
#include "files/text_file.h"

namespace clipcls {
namespace {

/// `line` without the comment at its end, and without blanks around. CLI11 would take the '#' of a text in
/// quotes, such as a colour, for a comment.
std::string without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == '\\' && quote == '"')
        ++i;
      else if (line[i] == quote)
        quote = 0;
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#') {
      line = line.substr(0, i);
    }
  }
  return std::string(trim(line));
}

/// Looks at the lines before CLI11 reads them: it knows no line numbers, and takes much that is wrong for
/// something else.
class Lines {
 public:
  explicit Lines(std::string path) : path_(std::move(path)) {}

  void add(std::string_view raw) {
    ++number_;
    const std::string line = without_comment(raw);
    if (line.empty()) return;
    // A list of several lines becomes one: CLI11 takes its first line for a text if that is the bracket
    // alone.
    text_ += (list_begin_ != 0 ? " " : "\n") + line;
    if (list_begin_ != 0) {
      if (line.ends_with(']')) end_list();
    } else if (line.starts_with('[')) {
      if (!line.ends_with(']')) fail("a section is written [eval]");
      section_ = line;
    } else {
      add_key(line);
    }
  }

  void finish() {
    if (list_begin_ == 0) return;
    number_ = list_begin_;
    fail("the list has no ] at its end");
  }

  const std::string& text() const { return text_; }
  const std::vector<std::size_t>& key_lines() const { return key_lines_; }  ///< in the order of the keys

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorKind::kUsage,
                path_ + ":" + std::to_string(number_) + ": " + problem + kNoConfigurationRemedy);
  }

  /// CLI11 knows no comma behind the last value.
  void end_list() {
    list_begin_ = 0;
    text_.pop_back();
    text_.erase(text_.find_last_not_of(" \t") + 1);
    if (text_.ends_with(',')) text_.pop_back();
    text_ += ']';
  }

  void add_key(const std::string& line) {
    const std::size_t equals = line.find('=');
    const std::string key(trim(std::string_view(line).substr(0, equals)));
    if (equals == std::string::npos || key.empty()) fail("\"" + line + "\" is not key = value");
    const std::string value(trim(std::string_view(line).substr(equals + 1)));
    if (value.empty()) fail(key + " has no value");
    if (!keys_.insert(section_ + " " + key).second) fail(key + " is set a second time");
    const char first = value.front();
    if (first == '"' || first == '\'') {
      if (value.size() == 1 || value.back() != first) fail(key + ": the text has no closing " + first);
    } else if (first == '[') {
      list_begin_ = number_;
      if (value.ends_with(']')) end_list();
    } else if (value.find_first_of(" \t,\"") != std::string::npos) {
      fail(key + ": a text is written in quotes: " + key + " = \"" + value + "\"");
    }
    key_lines_.push_back(number_);
  }

  std::string path_;
  std::string text_;
  std::string section_;
  std::set<std::string> keys_;
  std::vector<std::size_t> key_lines_;
  std::size_t number_ = 0;
  std::size_t list_begin_ = 0;  ///< the line of a list that goes on; 0: none
};

}  // namespace

std::string find_configuration_file() {
  if (std::getenv("CLIPCLS_CONFIG") != nullptr) return variable("CLIPCLS_CONFIG");
  // The XDG specification has relative paths ignored.
  std::filesystem::path folder = variable("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) {
    folder = variable("HOME");
    if (!folder.is_absolute()) return "";
    folder /= ".config";
  }
  const std::filesystem::path path = folder / "clipcls" / "config.toml";
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path.string() : "";
}

ConfigurationFile read_configuration_file() {
  const std::string path = find_configuration_file();
  if (path.empty()) return {};
  const std::string variable_name = std::getenv("CLIPCLS_CONFIG") != nullptr ? "CLIPCLS_CONFIG=" : "";
  std::string text;
  try {
    text = read_text_file(path, ErrorKind::kUsage, "it is to be the configuration file");
  } catch (const Error& error) {
    throw Error(ErrorKind::kUsage, variable_name + error.what() + kNoConfigurationRemedy);
  }
  return parse_configuration(text, path);
}

ConfigurationFile parse_configuration(const std::string& text, const std::string& path) {
  Lines lines(path);
  for (std::string_view rest = text; !rest.empty();) lines.add(take_line(rest));
  lines.finish();
  std::istringstream input(lines.text());
  CLI::ConfigTOML reader;
  reader.comment('\0');  // they are gone
  ConfigurationFile file{path, {}};
  for (CLI::ConfigItem& item : reader.from_config(input)) {
    if (item.name == "++" || item.name == "--") continue;  // where a section begins and ends
    const std::size_t place = file.keys.size();
    const std::size_t line = place < lines.key_lines().size() ? lines.key_lines()[place] : 0;
    file.keys.push_back({CLI::detail::join(item.parents, "."), item.name, item.inputs, line});
  }
  return file;
}

}  // namespace clipcls
