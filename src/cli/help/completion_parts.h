#pragma once

#include <string>
#include <vector>

#include "cli/help/command_tree.h"
#include "cli/terminal/shell_word.h"

namespace clipcls {

/// `program` and all commands under it, each before its own.
std::vector<const CommandDescription*> all_commands(const CommandDescription& program);

/// Where a path of files belongs: "FILE", "DIR", "NAME|PATH" and arguments called IMAGE or SOURCE.
bool is_path(const OptionDescription& option);

/// Whether that is a folder: "DIR", "DIR/{label}", of a flag.
bool is_folder_path(const OptionDescription& option);

/// The words that completions offer as its value.
const std::vector<std::string>& offered_words(const OptionDescription& option);

/// What completions say of a flag, in one line.
std::string description_of(const OptionDescription& option);

/// The words joined with `separator`.
std::string join(const std::vector<std::string>& words, const std::string& separator);

std::string write_bash_completion(const CommandDescription& program);
std::string write_zsh_completion(const CommandDescription& program);
std::string write_fish_completion(const CommandDescription& program);

}  // namespace clipcls
