#pragma once

#include <cstddef>
#include <string>

#include "cli/help/command_tree.h"

namespace clipcls {

/// How wide help is to be on standard output: as wide as its terminal, at most 100 columns; 80 where it is
/// none.
std::size_t help_columns();

/// All about a command, in lines of at most `columns`: what --help prints.
std::string write_help(const CommandDescription& command, std::size_t columns);

/// What one needs first, what -h prints: the whole help if that fits on a screen of 40 lines, else examples,
/// the flags with a brief line, the names of the commands, and where the rest is.
std::string write_short_help(const CommandDescription& command, std::size_t columns);

}  // namespace clipcls
