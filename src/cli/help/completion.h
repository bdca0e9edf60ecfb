#pragma once

#include <string>

#include "cli/help/command_tree.h"

namespace clipcls {

enum class Shell { kBash, kZsh, kFish };

/// The completion script of `shell` for a program and its commands: commands, flags, the words that a flag
/// takes, file names everywhere else.
std::string write_completion(const CommandDescription& program, Shell shell);

}  // namespace clipcls
