#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/flags/presets.h"
#include "cli/help/command_tree.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace clipcls {

/// A declared flag or argument. Its functions return it again, so that they can be chained.
class OptionDeclaration {
 public:
  /// What --help calls the value: "FILE"; "text|json" where it is one of these words.
  OptionDeclaration* type_name(const std::string& name);
  OptionDeclaration* required();
  /// Another group than that of the command.
  OptionDeclaration* group(const std::string& name);
  /// The line of -h, which has few flags: those with such a line.
  OptionDeclaration* brief(const std::string& text);
  /// Words that completions offer, besides any others that the value may be.
  OptionDeclaration* offers(std::vector<std::string> words);
  /// Completions offer the models that are here.
  OptionDeclaration* offers_models();
  /// --help shows the value that it has now. Numbers have it shown anyway.
  OptionDeclaration* show_default();
  /// Says whether a flag without a value is on, where several flags may have set its variable.
  OptionDeclaration* holds(std::function<bool()> does_hold);
  /// The flag `name` of the same command must be given, or must not be given, with this one.
  OptionDeclaration* needs(const std::string& name);
  OptionDeclaration* excludes(const std::string& name);

 private:
  friend class CommandDeclaration;
  CLI::App* app_ = nullptr;
  CLI::Option* option_ = nullptr;
  std::function<std::string()> value_;
  std::string brief_;
  std::vector<std::string> known_;
  bool is_model_ = false;
};

class CommandDeclaration;

/// Flags by their long names, and what they say, in words.
using FlagValues = std::vector<std::pair<std::string, std::string>>;

/// What the configuration file says, and what of it a command takes.
struct Configuration {
  ConfigurationFile file;
  std::vector<Preset> presets;
  std::string problem;  ///< why nothing of it is taken; empty: nothing is wrong
};

/// What the words of a command line ask for.
struct ParsedWords {
  std::optional<std::string> text;              ///< to print, of -h, --help or --version
  const CommandDeclaration* command = nullptr;  ///< to run where there is no text
};

/// A command as it is declared: its flags, its arguments and the commands under it. The only place that knows
/// CLI11. How words are read is written in command_words.h, the same for every flag of every command.
///
/// A variable that is declared holds the default, and must live as long as the declaration: the function of
/// runs() may hold it.
class CommandDeclaration {
 public:
  /// The program.
  CommandDeclaration(const std::string& name, const std::string& help);
  ~CommandDeclaration();
  CommandDeclaration(const CommandDeclaration&) = delete;
  CommandDeclaration& operator=(const CommandDeclaration&) = delete;

  /// A command under this one, which then does nothing itself unless it is the program. Lives as long as it.
  CommandDeclaration* add_subcommand(const std::string& name, const std::string& help);
  /// The command `name` under this one; null: there is none.
  CommandDeclaration* find_subcommand(const std::string& name) const;
  void footer(const std::string& text);
  void examples(std::vector<Example> examples) { examples_ = std::move(examples); }
  void exit_codes(std::vector<ExitCode> exit_codes) { exit_codes_ = std::move(exit_codes); }
  /// What the command does; `action` returns the exit code.
  void runs(std::function<int()> action) { action_ = std::move(action); }
  /// Adds --version, of the program alone.
  void add_version(std::function<std::string()> text);
  std::string version_text() const { return version_() + "\n"; }
  /// The group of the flags that are declared from here on.
  void group(const std::string& name);
  /// Of this command and those below it, the configuration file may give flags; each has --no-config.
  void take_configuration();
  /// This command knows no configuration file.
  void take_no_configuration() { takes_configuration_ = false; }
  /// This command tells of a configuration file that cannot be used, and goes on without it.
  void tolerate_bad_configuration() { tolerates_bad_configuration_ = true; }

  // `names`: "-l,--labels", or "IMAGE" for an argument without a flag. Of a flag that is given several times
  // the last value counts, where it does not take several.

  OptionDeclaration* add_option(const std::string& names, std::string& value, const std::string& help);
  /// May be given several times.
  OptionDeclaration* add_option(const std::string& names, std::vector<std::string>& values,
                                const std::string& help);
  /// `set` throws Error (kUsage) that names the flag, the value and what would be right; `value` is what has
  /// been set, in words.
  OptionDeclaration* add_option(const std::string& names, const std::function<void(const std::string&)>& set,
                                std::function<std::string()> value, const std::string& help);
  /// A whole number from `low` to `high`; a default that is none of them is not shown.
  template <std::integral Number>
  OptionDeclaration* add_number(const std::string& names, Number& value, std::uint64_t low,
                                std::uint64_t high, const std::string& help) {
    return add_whole_number(
        names, [&value](std::uint64_t number) { value = static_cast<Number>(number); },
        [&value] { return static_cast<std::uint64_t>(value); }, low, high, help);
  }
  /// A number from `low` to `high`.
  OptionDeclaration* add_number(const std::string& names, double& value, double low, double high,
                                const std::string& help);
  OptionDeclaration* add_number(const std::string& names, std::optional<double>& value, double low,
                                double high, const std::string& help);
  /// One of the words of `choices`, a map that must live as long as the variable.
  template <typename Value, typename Map>
  OptionDeclaration* add_choice(const std::string& names, Value& value, const Map& choices,
                                const std::string& help) {
    std::vector<std::string> words;
    words.reserve(choices.size());
    for (const auto& [word, ignored] : choices) words.push_back(word);
    return add_word(
        names, words, [&value, &choices](const std::string& word) { value = choices.at(word); },
        [&value, &choices] {
          for (const auto& [word, of_word] : choices) {
            if (value == of_word) return word;
          }
          return std::string();
        },
        help);
  }
  OptionDeclaration* add_flag(const std::string& names, bool& value, const std::string& help);
  OptionDeclaration* add_flag_callback(const std::string& names, std::function<void()> function,
                                       const std::string& help);

  /// What is declared, here and below.
  CommandDescription describe() const;

  /// Called on the program: reads the words of the command line, and sets the variables of the command that
  /// they give. Throws Error (kUsage).
  ParsedWords parse(int argc, const char* const* argv);

  // After parse():
  int run() const { return action_(); }  ///< does what runs() was given
  /// How often the command line has the flag. A preset does not count: it gives way where flags do not go
  /// together.
  std::size_t count(const std::string& name) const;
  /// Whether the command line or the configuration file has the flag.
  bool is_given(const std::string& name) const;
  const Configuration& configuration() const { return configuration_; }
  /// The flags by their long names, and what their variables hold, in words; a default like any value.
  FlagValues values() const;

 private:
  CommandDeclaration() = default;
  void add_help();
  void apply_configuration(const CommandDescription& program, const GivenWords& given);
  void apply(const Preset& preset);
  OptionDeclaration* declare(CLI::Option* option, std::function<std::string()> value);
  OptionDeclaration* add_whole_number(const std::string& names, const std::function<void(std::uint64_t)>& set,
                                      const std::function<std::uint64_t()>& value, std::uint64_t low,
                                      std::uint64_t high, const std::string& help);
  OptionDeclaration* add_word(const std::string& names, const std::vector<std::string>& words,
                              const std::function<void(const std::string&)>& set,
                              std::function<std::string()> value, const std::string& help);

  std::shared_ptr<CLI::App> program_;  ///< of the program alone
  CLI::App* app_ = nullptr;
  std::vector<std::string> names_;
  std::vector<Example> examples_;
  std::vector<ExitCode> exit_codes_;
  std::deque<OptionDeclaration> options_;
  std::deque<std::unique_ptr<CommandDeclaration>> commands_;
  Configuration configuration_;
  bool takes_configuration_ = true;
  bool tolerates_bad_configuration_ = false;
  std::function<std::string()> version_;
  std::function<int()> action_;
};

}  // namespace clipcls
