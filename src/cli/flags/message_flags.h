#pragma once

#include <string>

namespace clipcls {

class CommandDeclaration;

/// How much is said on standard error.
struct MessageFlags {
  bool is_quiet = false;
  bool is_verbose = false;

  /// Adds --quiet and --verbose; `quiet_help` says what --quiet leaves out.
  void add(CommandDeclaration& command, const std::string& quiet_help);
  /// Adds --verbose alone.
  void add_verbose(CommandDeclaration& command);
  /// Throws Error (kUsage) where the flags exclude each other.
  void validate() const;
};

/// What --quiet leaves out of a run over images.
inline constexpr const char* kQuietRunHelp =
    "No warnings, no progress, no summary at the end; images that fail are still\nreported";

}  // namespace clipcls
