#pragma once

#include <string>

#include "cli/help/command_tree.h"

namespace clipcls {

/// The manual page of a program and all its commands, in man(7) macros.
std::string write_man_page(const CommandDescription& program, const std::string& version);

}  // namespace clipcls
