#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clipcls/photos/companions.h"
#include "photos/file_journal.h"

namespace clipcls {

class CommandDeclaration;

/// What is done with the files of classified images.
struct PhotoOptions {
  std::string sort_into;  ///< a path with {label}; empty: files are not sorted
  JournalAction action = JournalAction::kCopy;
  bool leaves_companions = false;  ///< what belongs to an image stays where it is
  bool is_dry_run = false;
  bool writes_xmp = false;
  SidecarName sidecar_name = SidecarName::kAppended;
  std::size_t num_keywords = 1;     ///< of the best labels
  std::optional<double> min_score;  ///< labels below it do not count; none: all do

  bool is_needed() const { return !sort_into.empty() || writes_xmp; }
};

/// Adds --sort-into, --write-xmp and what belongs to them to `app`.
void declare_photos(CommandDeclaration& app, PhotoOptions& options);

/// What was given for the images, as far as it bears on their files.
struct PhotoInputs {
  bool has_standard_input = false;
  bool has_image_features = false;
  bool is_resumed = false;
  std::size_t top_k = 0;
};

/// Throws Error (kUsage) where options exclude each other, or need one that is missing. `app` is what
/// declare_photos() declared into, after parsing.
void validate_photos(const CommandDeclaration& app, const PhotoOptions& options, const PhotoInputs& inputs);

/// `clipcls undo JOURNAL`
struct UndoOptions {
  std::string journal;  ///< or the folder that it lies in
  bool is_dry_run = false;
  bool is_quiet = false;
};

/// Adds the command `undo` to `app`.
CommandDeclaration* declare_undo(CommandDeclaration& app, UndoOptions& options);

}  // namespace clipcls
