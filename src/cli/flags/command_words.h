#pragma once

#include <string>
#include <vector>

#include "cli/help/command_tree.h"

namespace clipcls {

/// A flag or an argument that was given, and its value.
struct GivenOption {
  const OptionDescription* option;
  std::string value;  ///< "true" of a flag that takes none
};

/// What the words of a command line give.
struct GivenWords {
  const CommandDescription* command;  ///< the program itself where they give no command
  std::vector<GivenOption> options;   ///< in their order
};

/// Reads the words behind the program's name. The same for every flag of every command:
///
///   - A command is the first word, one under it the second; behind it, or behind the first word that is
///   none,
///     the names of commands are words like any. A word that can only be meant as a command is refused.
///   - --flag VALUE, --flag=VALUE, -f VALUE, -fVALUE; -qv is -q -v. A flag has the value that it takes, and
///   one
///     value: it is not empty, and no flag of the command unless it is written behind '='.
///   - "--" ends the flags; "-" is an argument.
///
/// The words behind --help or --version are not read. `program` must outlive the result. Throws Error
/// (kUsage).
GivenWords read_words(const CommandDescription& program, const std::vector<std::string>& words);

}  // namespace clipcls
