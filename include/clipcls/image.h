#pragma once

// Pictures as pixels: read from files, decoded from bytes, or taken from memory.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace clipcls {

/// How a picture is decoded.
struct ImageOptions {
  /// Turn the picture upright as its EXIF (or else XMP) orientation says.
  bool apply_exif_rotation = true;
  /// Refuse more pixels than this, in millions, before memory is taken; above 0. Pillow's own limit.
  double max_megapixels = 179.0;
  /// A colour, red green blue, that pictures with transparent parts are put on. None: their alpha channel is
  /// dropped, so that hidden colours count, as in Python.
  std::optional<std::array<std::uint8_t, 3>> background{};
  /// How grey of more than 8 bits becomes 8 bits.
  enum class DeepGray {
    kScale,    ///< the range that its values may have becomes 0 to 255
    kStretch,  ///< the picture's own lowest and highest value do
    kClip,     ///< values from 255 on are white, as in Python
  };
  DeepGray deep_gray = DeepGray::kScale;
  /// Read a picture that is cut off, or damaged in the middle, as far as it goes.
  bool accepts_truncated = false;
  /// Which picture of a file that has several, from 1 on: a page of a TIFF, a frame of an animation, a size
  /// of an icon.
  int page = 1;
};

/// From here on all pictures are decoded in a sandbox: in processes that have no rights, so that a picture
/// which crashes, hangs or takes over its decoder is a broken picture and nothing else. `program` is what is
/// started for that: an installed clipcls of this library's version. Nobody looks for one: without this call
/// pictures are decoded in the calling process. Throws Error (kInvalidArgument) where it is not that program,
/// or the system has no such processes.
void use_decode_sandbox(const std::filesystem::path& program);

/// A picture: 8-bit RGB pixels, [height, width, 3]. It never changes, and copies share its pixels, so that
/// copying costs nothing. All functions may be called from several threads at once.
class Image {
 public:
  /// A picture without pixels, 0 by 0. It cannot be classified.
  Image() = default;

  /// Reads and decodes a file: JPEG, PNG, WebP, GIF, HEIC, AVIF, JPEG XL, JPEG 2000, BMP, ICO, CUR, PNM, PSD,
  /// HDR, DDS, PCX, QOI, SGI, TIFF, TGA or a camera's raw file (its preview), told by its content; of several
  /// pages or frames the one that the options name. The pixels are Pillow's, byte for byte, where Pillow
  /// reads the format, but for grey of more than 8 bits. Throws Error that names the file: kNotFound (of the
  /// page, too), kUnreadable, kNotAnImage, kUnsupportedFormat, kBrokenImage, kTooLarge; kInvalidArgument for
  /// such options.
  static Image read(const std::filesystem::path& file, const ImageOptions& options = {});

  /// Decodes the bytes of such a file. Throws Error: kNotAnImage, kUnsupportedFormat, kBrokenImage,
  /// kTooLarge, kNotFound for such a page; kInvalidArgument for such options.
  static Image decode(std::span<const std::uint8_t> bytes, const ImageOptions& options = {});

  /// Copies pixels, [height, width, 3], 8-bit red green blue. Rows begin `row_bytes` bytes apart; 0: they
  /// follow each other, 3 * width bytes. Throws Error (kInvalidArgument) where `width` or `height` is less
  /// than 1, a row is longer than `row_bytes`, or `pixels` has fewer bytes than that.
  static Image from_rgb(std::span<const std::uint8_t> pixels, int width, int height,
                        std::size_t row_bytes = 0);

  /// Pixels in a row.
  int width() const;
  /// Rows.
  int height() const;
  /// The pixels, [height, width, 3], without gaps; valid as long as a copy of this picture lives.
  std::span<const std::uint8_t> rgb() const;

  struct Impl;
  /// The library's own side; of no use outside. Null for a picture without pixels.
  const std::shared_ptr<const Impl>& impl() const { return impl_; }

 private:
  explicit Image(std::shared_ptr<const Impl> impl);

  std::shared_ptr<const Impl> impl_;
};

}  // namespace clipcls
