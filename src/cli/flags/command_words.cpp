#include "cli/flags/command_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/closest_word.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

constexpr const char* kUnsetVariable = "perhaps a variable of the shell is not set";

bool is_flag(const std::string& word) { return word.size() > 1 && word.starts_with('-') && word != "--"; }

std::string join_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(shell_word(word));
  return text;
}

std::vector<std::string> names_of_commands(const CommandDescription& above) {
  std::vector<std::string> names;
  for (const CommandDescription& command : above.commands) names.push_back(command.names.back());
  return names;
}

/// A command whose name is not where it belongs.
struct MisplacedCommand {
  std::string problem;    ///< empty: there is none
  bool is_right = false;  ///< the words are right once the name is where it belongs
};

MisplacedCommand look_for_command(const CommandDescription& above, const std::vector<std::string>& words,
                                  std::size_t begin, std::size_t place);

/// Reads the words behind a command's name, which begin at `begin`.
class Reader {
 public:
  Reader(const CommandDescription& command, const std::vector<std::string>& words, std::size_t begin,
         bool is_program)
      : words_(words), begin_(begin), next_(begin), is_program_(is_program), given_{&command, {}} {}

  GivenWords read() {
    while (next_ < words_.size() && !is_help_) {
      const std::string& word = words_[next_++];
      if (has_flags_ended_ || !word.starts_with('-') || word == "-") {
        read_argument(word);
      } else if (word == "--") {
        has_flags_ended_ = true;
      } else if (word.starts_with("--")) {
        read_long(word);
      } else {
        read_short(word);
      }
    }
    return std::move(given_);
  }

 private:
  const CommandDescription& command() const { return *given_.command; }

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorKind::kUsage, problem + "; see " + command().name() + " --help");
  }

  void add(const OptionDescription& option, std::string value) {
    given_.options.push_back({&option, std::move(value)});
    const std::string& name = option.long_name();
    is_help_ = name == "--help" || name == "-h" || name == "--version";
  }

  void read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const OptionDescription& option = find(name);
    if (equals == std::string::npos) {
      add(option, option.takes_value ? next_value(name) : "true");
      return;
    }
    if (!option.takes_value) fail(word + ": " + name + " takes no value");
    add(option, require_value(name, word.substr(equals + 1)));
  }

  void read_short(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name = std::string("-") + word[i];
      const OptionDescription& option = find(name);
      if (!option.takes_value) {
        add(option, "true");
        continue;
      }
      const std::string rest = word.substr(i + 1);
      if (rest.starts_with('=')) {
        fail(fmt::format("{}: '=' is for the long name; write {} VALUE or {}=VALUE", word, name,
                         option.names.front()));
      }
      add(option, rest.empty() ? next_value(name) : rest);
      return;
    }
  }

  const OptionDescription& find(const std::string& name) const {
    if (const OptionDescription* const option = command().find_flag(name)) return *option;
    if (is_program_) refuse_command_behind(next_ - 1);
    std::string problem = command().name() + " has no flag " + name;
    std::vector<std::string> longer;
    for (const OptionDescription& option : command().options) {
      for (const std::string& known : option.names) {
        if (name.size() > 3 && known.starts_with(name)) longer.push_back(known);
      }
    }
    const std::string& word = words_[next_ - 1];
    if (longer.size() == 1) {
      problem += "; perhaps " + longer.front() + " is meant";
    } else if (longer.empty() && is_there(word)) {
      problem += "; the file of that name is ./" + word;
    } else {
      problem += perhaps_flag(name);
    }
    fail(problem);
  }

  /// A typo of a flag, or a format that is a flag elsewhere.
  std::string perhaps_flag(const std::string& name) const {
    const OptionDescription* const format = command().find_flag("--format");
    const std::string bare = name.substr(std::min<std::size_t>(2, name.size()));
    if (format != nullptr && std::ranges::find(format->choices, bare) != format->choices.end())
      return "; perhaps --format " + bare + " is meant";
    std::vector<std::string> flags;
    for (const OptionDescription& option : command().options) {
      for (const std::string& known : option.names) {
        if (known.starts_with("--")) flags.push_back(known);
      }
    }
    return name.starts_with("--") ? perhaps_meant(name, flags) : "";
  }

  std::string next_value(const std::string& name) {
    if (next_ == words_.size()) fail(name + ": its value is missing");
    const std::string& value = words_[next_++];
    const std::string flag = value.substr(0, value.starts_with("--") ? value.find('=') : 2);
    if (is_flag(value) && command().find_flag(flag) != nullptr) {
      const std::string& long_name = command().find_flag(name)->names.front();
      fail(name + " " + value + ": its value is missing: " + value + " is a flag; " + kUnsetVariable +
           "; as a value it is written " + long_name + "=" + value);
    }
    return require_value(name, value);
  }

  std::string require_value(const std::string& name, const std::string& value) const {
    if (value.empty()) fail(name + ": its value is empty; " + kUnsetVariable);
    return value;
  }

  void read_argument(const std::string& word) {
    const auto argument = std::ranges::find_if(
        command().options, [](const OptionDescription& option) { return option.names.empty(); });
    if (!has_flags_ended_ && is_program_ && !is_there(word)) {
      const MisplacedCommand found = look_for_command(command(), words_, begin_, next_ - 1);
      if (!found.problem.empty()) throw Error(ErrorKind::kUsage, found.problem);
      if (next_ == 1) refuse_typo_of_command(word);
    }
    if (argument == command().options.end())
      fail(command().name() + " takes no arguments, and " + shell_word(word) + " is one");
    const bool is_further = std::ranges::any_of(
        given_.options, [&](const GivenOption& given) { return given.option == &*argument; });
    if (is_further && !argument->repeats)
      fail(command().name() + " takes one " + argument->argument + ", and " + shell_word(word) +
           " is another");
    // A text may be empty; a path may not.
    if (word.empty() && argument->argument != "TEXT")
      fail(argument->argument + ": " + (argument->repeats ? "a" : "the") + " path is empty; " +
           kUnsetVariable);
    add(*argument, word);
  }

  /// The first word is no file.
  void refuse_typo_of_command(const std::string& word) const {
    const std::string meant = closest_word(word, names_of_commands(command()));
    if (!meant.empty()) {
      fail(shell_word(word) + ": there is no such file, and no command of that name; perhaps " + meant +
           " is meant");
    }
    // A name without a dot, a slash or a flag behind it was meant as a command.
    const bool is_word = std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    const bool has_flags = std::ranges::any_of(words_, is_flag);
    if (is_word && !has_flags && !word.starts_with('-') && !word.empty())
      fail(shell_word(word) + ": there is no such file, and no command of that name");
  }

  /// A flag that the program does not have may be one of a command behind it.
  void refuse_command_behind(std::size_t place) const {
    for (; place < words_.size() && words_[place] != "--"; ++place) {
      const MisplacedCommand found = look_for_command(command(), words_, begin_, place);
      if (found.is_right && !is_there(words_[place])) throw Error(ErrorKind::kUsage, found.problem);
    }
  }

  const std::vector<std::string>& words_;
  std::size_t begin_;
  std::size_t next_;
  bool is_program_;
  GivenWords given_;
  bool has_flags_ended_ = false;
  bool is_help_ = false;
};

/// Whether `place` names a command of `above`, whose words begin at `begin`.
MisplacedCommand look_for_command(const CommandDescription& above, const std::vector<std::string>& words,
                                  std::size_t begin, std::size_t place) {
  const CommandDescription* meant = &above;
  std::size_t end = place;
  while (end < words.size() && meant->find_command(words[end]) != nullptr)
    meant = meant->find_command(words[end++]);
  if (meant == &above) return {};
  const auto at = [&](std::size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); };
  std::vector<std::string> right(at(begin), at(place));
  const bool has_flags = std::ranges::any_of(right, is_flag);
  right.insert(right.end(), at(end), words.end());
  try {
    if (!meant->commands.empty()) throw Error(ErrorKind::kUsage, "needs a command");
    Reader(*meant, right, 0, false).read();
  } catch (const Error&) {
    return {shell_word(words[place]) + ": there is no such file, and a command is the first word: " +
                meant->name() + " …; see " + meant->name() + " --help",
            false};
  }
  return {std::string(has_flags ? "flags go behind the command: " : "a command is the first word: ") +
              meant->name() + " " + join_words(right),
          true};
}

/// A group such as `clipcls model` needs one of its commands.
[[noreturn]] void fail_without_command(const CommandDescription& group, const std::vector<std::string>& words,
                                       std::size_t begin) {
  for (std::size_t place = begin + 1; place < words.size(); ++place) {
    const MisplacedCommand found = look_for_command(group, words, begin, place);
    if (found.is_right) throw Error(ErrorKind::kUsage, found.problem);
  }
  std::string names;
  for (const CommandDescription& command : group.commands) {
    const bool is_last = &command == &group.commands.back();
    names += (names.empty() ? "" : is_last ? " or " : ", ") + command.names.back();
  }
  const bool is_given = begin < words.size();
  const std::string problem =
      is_given ? shell_word(words[begin]) + " is not a command of " + group.name() + "; give "
               : group.name() + " needs a command: ";
  const std::string meant = is_given ? perhaps_meant(words[begin], names_of_commands(group)) : "";
  throw Error(ErrorKind::kUsage, problem + names + meant + "; see " + group.name() + " --help");
}

}  // namespace

GivenWords read_words(const CommandDescription& program, const std::vector<std::string>& words) {
  const CommandDescription* command = &program;
  std::size_t begin = 0;
  while (begin < words.size() && command->find_command(words[begin]) != nullptr)
    command = command->find_command(words[begin++]);
  const bool is_program = command == &program;
  const bool asks_for_help = begin < words.size() && (words[begin] == "--help" || words[begin] == "-h");
  if (!is_program && !command->commands.empty() && !asks_for_help)
    fail_without_command(*command, words, begin);
  return Reader(*command, words, begin, is_program).read();
}

}  // namespace clipcls
