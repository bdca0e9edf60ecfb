#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flags/photo_inputs.h"
#include "photos/companions.h"
#include "photos/file_journal.h"

namespace clipcls {

class CommandDeclaration;

/// What is done with the files of classified images.
struct PhotoFlags {
  std::string sort_into;  ///< a path with {label}; empty: files are not sorted
  JournalAction action = JournalAction::kCopy;
  bool leaves_companions = false;  ///< what belongs to an image stays where it is
  bool is_dry_run = false;
  bool writes_xmp = false;
  SidecarName sidecar_name = SidecarName::kAppended;
  std::size_t num_keywords = 1;     ///< of the best labels
  std::optional<double> min_score;  ///< labels below it do not count; none: all do

  bool is_needed() const { return !sort_into.empty() || writes_xmp; }

  /// Adds --sort-into, --write-xmp and what belongs to them.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage) where flags exclude each other, or need one that is missing. `command`: what they
  /// were added to.
  void validate(const CommandDeclaration& command, const PhotoInputs& inputs) const;
};

}  // namespace clipcls
