#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clipcls/files/output_target.h"
#include "clipcls/model/device.h"
#include "clipcls/model/precision.h"
#include "clipcls/pipeline/batch_pipeline.h"
#include "clipcls/pipeline/image_source.h"
#include "clipcls/pipeline/shard.h"

namespace clipcls {

class CommandDeclaration;

/// Images and the model that encodes them.
struct ImageOptions {
  std::vector<std::string> images;  ///< files and folders; "-" is one image's bytes on standard input
  std::string files_from;           ///< a list of paths, "-" is standard input; empty: none
  bool is_nul_separated = false;    ///< of files_from
  bool is_recursive = false;        ///< also the folders in the folders
  Shard shard;                      ///< of the images
  bool allows_empty = false;        ///< no image at all is no error
  std::string model;                ///< a folder or .pt; empty: $CLIPCLS_MODEL, else the embedded model
  BatchOptions batch;
  DeviceChoice device;
  LoadOptions load;
  bool shows_progress = false;  ///< also where standard error is no terminal
  bool hides_progress = false;
  bool is_quiet = false;
  bool is_verbose = false;
};

/// --precision's words.
const std::map<std::string, Precision>& precision_words();

/// Adds the flags that name images, and those of declare_decoding().
void declare_images(CommandDeclaration& app, ImageOptions& options);

/// Adds the flags that say how images are read.
void declare_decoding(CommandDeclaration& app, ImageOptions& options);

/// Adds --model and the flags that say how its encoders run: --threads, --precision, --device.
void declare_model(CommandDeclaration& app, ImageOptions& options);

/// Fills in what options.load says of the device and of an automatic precision; declare_model() has it done
/// after parsing, and it is done again when the precision has changed. Throws Error (kUsage).
void settle_device(ImageOptions& options);

// Flags that only some of the commands with a model have a use for.

void declare_batch_size(CommandDeclaration& app, ImageOptions& options);
void declare_fail_fast(CommandDeclaration& app, ImageOptions& options);
/// Adds --progress and --no-progress, of a run over images that has an end.
void declare_progress(CommandDeclaration& app, ImageOptions& options);
/// Adds --quiet; `help` says what is left out.
void declare_quiet(CommandDeclaration& app, ImageOptions& options, const std::string& help);
void declare_verbose(CommandDeclaration& app, ImageOptions& options);

/// Throws Error (kUsage) that names the flags that are missing or do not fit together.
void validate_images(const ImageOptions& options);
void validate_messages(const ImageOptions& options);

/// Throws Error (kUsage) where `command` was given a flag that is about images, and --image-features. With
/// `reads_pictures` those of its paths are decoded all the same, for a report that shows them.
void require_no_image_flags(const CommandDeclaration& command, bool reads_pictures);

/// The shard of the images of the command line and, behind them, those of --files-from. Warnings are printed
/// unless `is_quiet`. Throws Error (kUsage) when the list cannot be opened; and, then or when an image is
/// asked for, where there is no image at all, and where one is the file that `output` would replace, if not
/// null.
std::unique_ptr<ImageSource> open_images(const ImageOptions& options, bool is_quiet,
                                         const OutputTarget* output);

/// Whether there may be more than one: more paths, a folder or a list.
bool may_be_several(const ImageOptions& options);

}  // namespace clipcls
