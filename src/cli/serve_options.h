#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "options.h"

namespace clipcls {

/// The declarations of `clipcls serve`. Adds the command to `app`.
CommandDeclaration* declare_serve(CommandDeclaration& app, ServeOptions& options);

/// Throws Error (kUsage) where flags contradict each other; fills in what follows from them.
void validate_serve(const CommandDeclaration& command, ServeOptions& options);

}  // namespace clipcls
