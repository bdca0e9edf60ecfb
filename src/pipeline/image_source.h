#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "clipcls/error.h"

namespace clipcls {

/// The name that stands for one image's bytes on standard input.
inline constexpr const char* kStdinName = "-";

/// One image to be read.
struct ImageInput {
  std::string path;                ///< bytes: no encoding is assumed
  bool is_standard_input = false;  ///< the image's bytes come from there; `path` is "-"
  std::optional<Error> error{};    ///< why there is nothing to read: a folder that cannot be listed
};

/// Images in a fixed order, named one after the other as they are asked for: a source never holds more than
/// the names of one folder and of the folders that are still to come. One thread at a time.
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  /// The next image; none: is_at_end(), or the next name has not been written yet. Never waits for that.
  virtual std::optional<ImageInput> next() = 0;

  virtual bool is_at_end() const = 0;

  /// Waits until next() has something to say, or `stop` is requested.
  virtual void wait(const std::stop_token& /*stop*/) {}

 protected:
  ImageSource() = default;
  ImageSource(const ImageSource&) = default;
  ImageSource& operator=(const ImageSource&) = default;
  ImageSource(ImageSource&&) = default;
  ImageSource& operator=(ImageSource&&) = default;
};

/// Which of the cameras' raw files in a folder are images.
enum class RawFiles {
  kUnlessDeveloped,  ///< those without a JPEG or HEIC of their stem beside them, which stands for both
  kAll,
  kNone,
};

struct FolderOptions {
  bool is_recursive = false;  ///< also the folders in a folder
  RawFiles raw_files = RawFiles::kUnlessDeveloped;
  std::vector<std::string> excluded{};  ///< patterns of what is left out, see matches_path_pattern()
  std::function<void(const std::string&)> on_warning{};  ///< a line about a folder without images
};

/// Each of `paths` in turn: "-" is standard input, a folder gives its images (see FolderWalk), anything else
/// is an image, whatever its name. A path that is given twice comes twice.
std::unique_ptr<ImageSource> make_path_source(std::vector<std::string> paths, FolderOptions options);

/// The paths of a list, one a line that may end in CR LF (or, with `is_nul_separated`, each before a NUL
/// byte), without empty ones and a byte-order mark. Each names one image: no folder, and "-" is a file. The
/// list is read as it is written; `file` "-" is standard input. Throws Error (kInvalidArgument) when it
/// cannot be opened or is UTF-16; next() does where only reading shows the latter, and when a path holds a
/// NUL byte or is longer than any path: this is no such list.
std::unique_ptr<ImageSource> open_path_list(const std::string& file, bool is_nul_separated);

/// All of `first`, then all of `second`.
std::unique_ptr<ImageSource> make_source_chain(std::unique_ptr<ImageSource> first,
                                               std::unique_ptr<ImageSource> second);

/// `images`, each shown to `on_input`, which may throw, before it is handed over.
std::unique_ptr<ImageSource> watch_images(std::unique_ptr<ImageSource> images,
                                          std::function<void(const ImageInput&)> on_input);

/// `images`, of which there must be one. Throws Error (kInvalidArgument) of `message`: at once, or where the
/// names are still being written, when the end is met.
std::unique_ptr<ImageSource> require_an_image(std::unique_ptr<ImageSource> images, std::string message);

/// All bytes of an image. Never waits for ever: of a path it reads an ordinary file, or a pipe that somebody
/// writes to. What begins like no picture is not read to its end. Throws `input.error`, or Error (kNotFound,
/// kUnreadable, kNotAnImage, kTooLarge) without naming the path: the caller's row does.
std::vector<std::uint8_t> read_image_bytes(const ImageInput& input);

}  // namespace clipcls
