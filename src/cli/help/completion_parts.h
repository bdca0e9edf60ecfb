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

/// The first line of a help text, without a full stop.
std::string first_line(const std::string& help);

/// The words joined with `separator`.
std::string join(const std::vector<std::string>& words, const std::string& separator);

std::string write_bash_completion(const CommandDescription& program);
std::string write_zsh_completion(const CommandDescription& program);
std::string write_fish_completion(const CommandDescription& program);

}  // namespace clipcls
