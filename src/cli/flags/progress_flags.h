#pragma once

#include "cli/flags/message_flags.h"

namespace clipcls {

class CommandDeclaration;

/// Whether a run over images shows its progress.
struct ProgressFlags {
  bool is_wanted = false;    ///< also where standard error is no terminal
  bool is_unwanted = false;  ///< not on a terminal either

  /// Adds --progress and --no-progress.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage) where the flags exclude each other, or --quiet.
  void validate(const MessageFlags& messages) const;
};

/// What the flags come to: on a terminal progress is shown unless a flag says otherwise.
bool shows_progress(const ProgressFlags& progress, const MessageFlags& messages);

}  // namespace clipcls
