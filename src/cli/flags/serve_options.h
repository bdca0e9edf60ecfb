#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/program.h"

namespace clipcls {

/// The declarations of `clipcls serve`. Adds the command to `app`.
CommandDeclaration* declare_serve(CommandDeclaration& app, ServeOptions& options);

/// The name of a label set, and its file or built-in list, of an argument "[NAME=]FILE|NAME" of --labels.
std::pair<std::string, std::string> split_label_set(const std::string& argument);

/// Throws Error (kUsage) where flags contradict each other; fills in what follows from them.
void validate_serve(const CommandDeclaration& command, ServeOptions& options);

}  // namespace clipcls
