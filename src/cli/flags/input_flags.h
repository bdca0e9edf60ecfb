#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/flags/raw_flags.h"
#include "cli/flags/standard_input.h"
#include "files/output_target.h"
#include "pipeline/image_source.h"
#include "pipeline/shard.h"

namespace clipcls {

class CommandDeclaration;

/// What NamedInputs call an image of the command line.
inline constexpr const char* kImageInput = "IMAGE";

/// Which images there are.
struct InputFlags {
  std::vector<std::string> images;    ///< files and folders; "-" is one image's bytes on standard input
  std::string files_from;             ///< a list of paths, "-" is standard input; empty: none
  bool is_nul_separated = false;      ///< of files_from
  bool is_recursive = false;          ///< also the folders in the folders
  std::vector<std::string> excluded;  ///< patterns of what is left out of folders
  RawFlags raw;
  Shard shard;                ///< of the images
  bool allows_empty = false;  ///< no image at all is no error

  /// Adds IMAGE, --files-from, --null, --recursive, --exclude, those of `raw`, --shard and --allow-empty.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage) where no image is named, or flags do not fit together.
  void validate() const;
  /// What the flags name.
  NamedInputs inputs() const;
};

/// The shard of the images of the command line and, behind them, those of --files-from. Warnings are printed
/// unless `is_quiet`. Throws Error (kInvalidArgument) when the list cannot be opened; and, then or when an
/// image is asked for, where there is no image at all, and where one is the file that `output` would replace,
/// if not null.
std::unique_ptr<ImageSource> open_images(const InputFlags& flags, bool is_quiet, const OutputTarget* output);

/// Opens the same images to count them, beside the run; null where a list can be read only once.
std::function<std::unique_ptr<ImageSource>()> opener_for_counting(const InputFlags& flags);

/// Whether there may be more than one: more paths, a folder or a list.
bool may_be_several(const InputFlags& flags);

/// "3/8", as --shard takes it. Throws Error (kUsage).
Shard parse_shard(const std::string& text);

}  // namespace clipcls
