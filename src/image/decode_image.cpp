#include "image/decode_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "clipcls/error.h"
#include "decode/alpha.h"
#include "decode/decoders.h"
#include "decode/exif.h"
#include "decode/foreign_kind.h"
#include "decode/lab_colors.h"
#include "decode/stb_decoder.h"
#include "sandbox/decode_in_worker.h"

namespace clipcls {
namespace {

// Formats are told by their first bytes and never by the file's name: photos are often named wrongly.
bool is_jpeg(Bytes bytes) { return starts_with(bytes, "\xFF\xD8\xFF"); }
bool is_gif(Bytes bytes) { return starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a"); }
bool is_webp(Bytes bytes) {
  return starts_with(bytes, "RIFF") && bytes.size() >= 12 && starts_with(bytes.subspan(8), "WEBP");
}
bool is_psd(Bytes bytes) { return starts_with(bytes, "8BPS"); }
bool is_hdr(Bytes bytes) { return starts_with(bytes, "#?RADIANCE\n") || starts_with(bytes, "#?RGBE\n"); }

bool is_dcx(Bytes bytes) { return starts_with(bytes, "\xB1\x68\xDE\x3A"); }
bool is_dds(Bytes bytes) { return starts_with(bytes, "DDS "); }
bool is_qoi(Bytes bytes) { return starts_with(bytes, "qoif"); }

bool is_sgi(Bytes bytes) {
  // The magic number is 474; then whether rows are coded, and the bytes of a sample, which tell it from
  // chance.
  return starts_with(bytes, "\x01\xDA") && bytes.size() > 4 && bytes[2] <= 1 &&
         (bytes[3] == 1 || bytes[3] == 2);
}

bool is_pnm(Bytes bytes) {
  if (bytes.size() < 3 || bytes[0] != 'P' || bytes[1] < '1' || bytes[1] > '6') return false;
  // White space or a comment follows the number, which tells a picture from text that begins with "P1".
  return bytes[2] == ' ' || (bytes[2] >= '\t' && bytes[2] <= '\r') || bytes[2] == '#';
}

// TGA has no signature: it is whatever stb's own plausibility test takes once everything else is ruled out.
bool is_tga(Bytes bytes) { return stb_recognises(bytes); }

constexpr unsigned kHasPages = 1;  ///< a file may have several pictures, and `decode` knows
constexpr unsigned kIsOpened = 2;  ///< its library, when it is needed; it has a worker of its own
constexpr unsigned kMayBeLab = 4;  ///< colours may be in Lab, for which another library is opened

struct Format {
  const char* name;
  const char* library;
  bool (*recognise)(Bytes);
  DecodedImage (*decode)(Bytes, const DecodeOptions&);
  LibraryState (*library_state)() = nullptr;  ///< nothing: it says no version, and is part of the program
  unsigned traits = 0;                        ///< of those above

  constexpr bool has(unsigned trait) const { return (traits & trait) != 0; }
};

// The one list of formats. Raw files, most of which are a TIFF inside, come before TIFF; TGA must come last.
constexpr std::array kFormats = {
    Format{"JPEG", "libjpeg-turbo", is_jpeg, decode_jpeg, jpeg_library},
    Format{"PNG", "stb_image", is_png, decode_png, nullptr, kHasPages},
    Format{"WebP", "libwebp", is_webp, decode_webp, webp_library, kHasPages},
    Format{"GIF", "clipcls", is_gif, decode_gif, nullptr, kHasPages},
    Format{"HEIC", "libheif", is_heif, decode_heif, heif_library, kHasPages | kIsOpened},
    Format{"AVIF", "libavif", is_avif, decode_avif, avif_library, kHasPages | kIsOpened},
    Format{"JPEG XL", "libjxl", is_jxl, decode_jxl, jxl_library, kHasPages | kIsOpened},
    Format{"JPEG 2000", "openjpeg", is_jpeg2000, decode_jpeg2000, jpeg2000_library, kIsOpened},
    Format{"BMP", "clipcls", is_bmp, decode_bmp},
    Format{"DIB", "clipcls", is_dib, decode_dib},
    Format{"ICO", "clipcls", is_icon, decode_icon, nullptr, kHasPages},
    Format{"CUR", "clipcls", is_cursor, decode_cursor, nullptr, kHasPages},
    Format{"PNM", "clipcls", is_pnm, decode_pnm},
    Format{"PSD", "clipcls", is_psd, decode_psd, nullptr, kMayBeLab},
    Format{"HDR", "stb_image", is_hdr, decode_hdr},
    Format{"DDS", "clipcls", is_dds, decode_dds},
    Format{"PCX", "clipcls", is_pcx, decode_pcx},
    Format{"DCX", "clipcls", is_dcx, decode_dcx, nullptr, kHasPages},
    Format{"QOI", "clipcls", is_qoi, decode_qoi},
    Format{"SGI", "clipcls", is_sgi, decode_sgi},
    Format{"camera raw", "libjpeg-turbo", is_raw_photo, decode_raw, jpeg_library},
    Format{"TIFF", "libtiff", is_tiff, decode_tiff, tiff_library, kHasPages | kIsOpened | kMayBeLab},
    Format{"TGA", "stb_image", is_tga, decode_tga},
};

/// Whose workers decode it.
std::string_view worker_kind(const Format& format) {
  return format.has(kIsOpened) ? std::string_view(format.name) : kOtherFormats;
}

std::string accepted_formats() {
  std::string list;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (i > 0) list += i + 1 == kFormats.size() ? " and " : ", ";
    list += kFormats[i].name;
  }
  return list;
}

/// A guess, which TGA's is, may take anything for a picture.
void require_no_foreign_kind(Bytes bytes) {
  const std::string_view kind = foreign_kind(bytes);
  if (!kind.empty())
    throw Error(
        ErrorKind::kUnsupportedFormat,
        "this is " + std::string(kind) + ", which is not read here; accepted are " + accepted_formats());
}

const Format& find_format(Bytes bytes) {
  for (const Format& format : kFormats) {
    if (&format == &kFormats.back()) require_no_foreign_kind(bytes);
    if (format.recognise(bytes)) return format;
  }
  throw Error(ErrorKind::kNotAnImage,
              "the bytes are in no picture format that is read here; accepted are " + accepted_formats());
}

}  // namespace

void throw_broken(std::string_view format, std::string_view reason) {
  throw Error(ErrorKind::kBrokenImage,
              "the " + std::string(format) + " picture cannot be decoded: " + std::string(reason));
}

void throw_no_page(std::string_view format, std::int64_t num_pages, const DecodeOptions& options) {
  const int last_digits = options.page % 100;
  const char* ending = last_digits >= 11 && last_digits <= 13 ? "th"
                       : last_digits % 10 == 1                ? "st"
                       : last_digits % 10 == 2                ? "nd"
                       : last_digits % 10 == 3                ? "rd"
                                                              : "th";
  throw Error(ErrorKind::kNotFound, "the " + std::string(format) + " picture has " +
                                        std::to_string(num_pages) + (num_pages == 1 ? " page" : " pages") +
                                        ", and `page` asks for the " + std::to_string(options.page) + ending);
}

void PageWork::add(std::int64_t num_pixels) {
  constexpr double kTimesTheLimit = 4;  // by default over three hundred frames of full HD
  // What a frame costs beside its pixels.
  constexpr std::int64_t kLeast = 4096;
  num_pixels_ += static_cast<double>(std::max(num_pixels, kLeast));
  if (num_pixels_ <= kTimesTheLimit * std::max(options_.max_megapixels, 1.0) * 1e6) return;
  throw Error(ErrorKind::kTooLarge, "the " + std::string(format_) +
                                        " picture has more pixels before the end of page " +
                                        std::to_string(options_.page) +
                                        fmt::format(" than {} times the limit of {:.6g} megapixels",
                                                    kTimesTheLimit, options_.max_megapixels) +
                                        "; raise `max_megapixels`, or ask for an earlier `page`");
}

void check_size(std::string_view format, std::int64_t width, std::int64_t height,
                const DecodeOptions& options) {
  if (width <= 0 || height <= 0) throw_broken(format, "its header gives it no pixels");
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  // The side is checked beside the area: a picture of one row passes any limit of megapixels, and still costs
  // the resizer memory (see kMaxSide).
  if (width > kMaxSide || height > kMaxSide) {
    throw Error(ErrorKind::kTooLarge, "the " + std::string(format) + " picture is " + size +
                                          " pixels; a side may have at most " + std::to_string(kMaxSide));
  }
  const double megapixels = static_cast<double>(width) * static_cast<double>(height) / 1e6;
  if (megapixels > options.max_megapixels) {
    throw Error(ErrorKind::kTooLarge, "the " + std::string(format) + " picture is " + size + " pixels" +
                                          fmt::format(" ({} megapixels), more than the limit of {:.6g}",
                                                      megapixels < 1 ? fmt::format("{:.3g}", megapixels)
                                                                     : fmt::format("{:.1f}", megapixels),
                                                      options.max_megapixels) +
                                          "; raise `max_megapixels` to " +
                                          std::to_string(static_cast<std::int64_t>(std::ceil(megapixels))));
  }
}

void require_picture_format(std::span<const std::uint8_t> bytes) { find_format(bytes); }

std::vector<PictureFormat> picture_formats() {
  std::vector<PictureFormat> formats;
  for (const Format& format : kFormats) {
    LibraryState state = format.library_state != nullptr ? format.library_state() : LibraryState{};
    formats.push_back({format.name, format.library, std::move(state.version), std::move(state.package),
                       std::move(state.problem), format.has(kIsOpened)});
  }
  return formats;
}

std::string open_library_of(std::string_view kind) {
  std::string problem;
  for (const Format& format : kFormats) {
    if (worker_kind(format) != kind) continue;
    if (format.has(kIsOpened)) problem = format.library_state().problem;
    if (format.has(kMayBeLab)) open_lab_library();
  }
  return problem;
}

RgbImage decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options, DecodeNotes* notes) {
  if (notes != nullptr) *notes = {};
  if (bytes.empty()) throw Error(ErrorKind::kNotAnImage, "the file is empty (0 bytes), not a picture");
  const Format& format = find_format(bytes);
  if (!format.has(kHasPages) && options.page > 1) throw_no_page(format.name, 1, options);
  try {
    if (options.sandbox == DecodeSandbox::kAll ||
        (options.sandbox == DecodeSandbox::kOpened && format.has(kIsOpened))) {
      if (auto image = decode_in_worker(worker_kind(format), format.name, bytes, options, notes))
        return std::move(*image);
    }
    DecodedImage decoded = format.decode(bytes, options);
    // The background comes before the turn, as alpha is not turned with the picture.
    if (options.background) put_on_background(*options.background, decoded);
    if (notes != nullptr) {
      *notes = {is_mostly_transparent(decoded.alpha), decoded.is_gray_clipped, decoded.is_gray_dark,
                decoded.is_truncated};
    }
    if (!options.apply_exif_rotation && !decoded.is_always_turned) return std::move(decoded.image);
    return apply_orientation(std::move(decoded.image), decoded.orientation);
  } catch (const std::bad_alloc&) {
    // One picture that is too large must not end a run over a folder: it becomes that file's own error.
    throw Error(ErrorKind::kTooLarge, std::string("there is not enough memory to decode the ") + format.name +
                                          " picture; a lower `max_megapixels` refuses such files");
  }
}

}  // namespace clipcls
