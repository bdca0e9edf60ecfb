#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/image.h"

namespace clipcls {

using Bytes = std::span<const std::uint8_t>;

/// What a decoder hands back: the pixels as they are stored, and the EXIF orientation (1..8) still to apply.
struct DecodedImage {
  RgbImage image;
  int orientation = 1;
  std::vector<std::uint8_t> alpha = {};  ///< [height, width]; empty: all pixels are opaque
  bool is_gray_clipped = false;
  bool is_gray_dark = false;
  bool is_truncated = false;
  bool is_always_turned = false;  ///< the orientation is the format's own: it counts without EXIF too
};

// One function a format. Each is called with bytes that carry the format's signature, throws kBrokenImage
// or kTooLarge, and checks the size in the header before it takes pixel memory.
DecodedImage decode_jpeg(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_webp(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_png(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_gif(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_pnm(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_bmp(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_dib(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_icon(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_cursor(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_psd(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_hdr(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_tga(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_dds(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_pcx(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_dcx(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_qoi(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_sgi(Bytes bytes, const DecodeOptions& options);
// These throw kUnsupportedFormat, too: for want of a preview, or of the library.
DecodedImage decode_raw(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_tiff(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_heif(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_avif(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_jxl(Bytes bytes, const DecodeOptions& options);
DecodedImage decode_jpeg2000(Bytes bytes, const DecodeOptions& options);

/// The library of a format, as it is on this machine.
struct LibraryState {
  std::string version;  ///< empty: it is missing
  std::string package;  ///< Debian's package, of a library that is opened when it is needed; else empty
  std::string problem;  ///< why it cannot be used; empty: it can
};
LibraryState jpeg_library();
LibraryState webp_library();
LibraryState tiff_library();
LibraryState heif_library();
LibraryState avif_library();
LibraryState jxl_library();
LibraryState jpeg2000_library();

/// Opens what the formats of a worker's kind need: the library of the format that has this name, or what the
/// others open. Returns why the former cannot be used; empty: it can.
std::string open_library_of(std::string_view kind);
/// The kind of workers of the formats whose libraries are part of the program.
inline constexpr std::string_view kOtherFormats = "others";

/// The longest side that is decoded. It bounds what resize() keeps per output pixel of a hostile 1 x N
/// picture.
inline constexpr std::int64_t kMaxSide = std::int64_t{1} << 20;

/// Throws kTooLarge when the header asks for more than `options` or kMaxSide allow, kBrokenImage when a side
/// is 0.
void check_size(std::string_view format, std::int64_t width, std::int64_t height,
                const DecodeOptions& options);

/// Throws kNotFound: the file has `num_pages` pictures, and options.page asks for a later one.
[[noreturn]] void throw_no_page(std::string_view format, std::int64_t num_pages,
                                const DecodeOptions& options);

/// What it costs to get to a late page where those before it have to be decoded, too: it is bounded, as a few
/// bytes can ask for thousands of large frames.
class PageWork {
 public:
  PageWork(std::string_view format, const DecodeOptions& options) : format_(format), options_(options) {}

  /// A frame of so many pixels is next. Throws kTooLarge.
  void add(std::int64_t num_pixels);

 private:
  std::string_view format_;
  const DecodeOptions& options_;
  double num_pixels_ = 0;
};

/// Throws kBrokenImage: "the <format> picture cannot be decoded: <reason>".
[[noreturn]] void throw_broken(std::string_view format, std::string_view reason);

/// A reason of throw_broken().
inline constexpr const char* kFileEndsEarly = "the file ends before the picture does";

inline bool starts_with(Bytes bytes, std::string_view prefix) {
  return bytes.size() >= prefix.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), prefix.size()) == prefix;
}

// Whether these are files of the format, by their first bytes.
inline bool is_png(Bytes bytes) { return starts_with(bytes, "\x89PNG\r\n\x1A\n"); }
bool is_bmp(Bytes bytes);
bool is_dib(Bytes bytes);
bool is_icon(Bytes bytes);
bool is_cursor(Bytes bytes);
bool is_heif(Bytes bytes);
bool is_avif(Bytes bytes);
bool is_jxl(Bytes bytes);
bool is_jpeg2000(Bytes bytes);
bool is_tiff(Bytes bytes);
bool is_pcx(Bytes bytes);

/// Whether this is a camera's raw file. The directories inside tell, so it takes the whole file.
bool is_raw_photo(Bytes bytes);

inline unsigned read_u16_le(Bytes bytes, std::size_t at) { return bytes[at] | bytes[at + 1] * 256U; }
inline std::uint32_t read_u32_le(Bytes bytes, std::size_t at) {
  return read_u16_le(bytes, at) | read_u16_le(bytes, at + 2) << 16;
}
inline unsigned read_u16_be(Bytes bytes, std::size_t at) { return bytes[at] * 256U | bytes[at + 1]; }
inline std::uint32_t read_u32_be(Bytes bytes, std::size_t at) {
  return read_u16_be(bytes, at) << 16 | read_u16_be(bytes, at + 2);
}

}  // namespace clipcls
