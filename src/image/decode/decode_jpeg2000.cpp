// The only file that sees openjpeg.
#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "cmyk.h"
#include "deep_gray.h"
#include "jpeg2000_header.h"
#include "opened_library.h"

namespace clipcls {
namespace {

constexpr std::string_view kJpeg2000 = "JPEG 2000";

/// The functions of openjpeg that are used here.
struct OpenJpeg {
  SharedLibrary library{CLIPCLS_OPENJPEG_SONAME, CLIPCLS_OPENJPEG_PACKAGE, "reading JPEG 2000 pictures",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_OPENJPEG_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_OPENJPEG_FUNCTION(opj_version);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_create);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_destroy);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_set_read_function);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_set_skip_function);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_set_seek_function);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_set_user_data);
  CLIPCLS_OPENJPEG_FUNCTION(opj_stream_set_user_data_length);
  CLIPCLS_OPENJPEG_FUNCTION(opj_create_decompress);
  CLIPCLS_OPENJPEG_FUNCTION(opj_destroy_codec);
  CLIPCLS_OPENJPEG_FUNCTION(opj_set_default_decoder_parameters);
  CLIPCLS_OPENJPEG_FUNCTION(opj_setup_decoder);
  CLIPCLS_OPENJPEG_FUNCTION(opj_read_header);
  CLIPCLS_OPENJPEG_FUNCTION(opj_decode);
  CLIPCLS_OPENJPEG_FUNCTION(opj_end_decompress);
  CLIPCLS_OPENJPEG_FUNCTION(opj_image_destroy);
#undef CLIPCLS_OPENJPEG_FUNCTION
};

/// A file in memory, as openjpeg reads it.
struct Jpeg2000File {
  Bytes bytes;
  std::size_t at = 0;

  static OPJ_SIZE_T read(void* to, OPJ_SIZE_T size, void* self) {
    auto& file = *static_cast<Jpeg2000File*>(self);
    const std::size_t count = std::min(size, file.bytes.size() - file.at);
    if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
    std::memcpy(to, file.bytes.data() + file.at, count);
    file.at += count;
    return count;
  }
  static OPJ_OFF_T skip(OPJ_OFF_T count, void* self) {
    auto& file = *static_cast<Jpeg2000File*>(self);
    if (count < 0 || static_cast<std::size_t>(count) > file.bytes.size() - file.at) return -1;
    file.at += static_cast<std::size_t>(count);
    return count;
  }
  static OPJ_BOOL seek(OPJ_OFF_T to, void* self) {
    auto& file = *static_cast<Jpeg2000File*>(self);
    if (to < 0 || static_cast<std::size_t>(to) > file.bytes.size()) return OPJ_FALSE;
    file.at = static_cast<std::size_t>(to);
    return OPJ_TRUE;
  }
};

[[noreturn]] void throw_unknown_kind() {
  throw Error(
      ErrorKind::kUnsupportedFormat,
      "the JPEG 2000 picture is of a kind that is not read here: colours other than grey, RGB, YCC and "
      "CMYK, or more than 4 components");
}

void require_read(OPJ_BOOL is_read) {
  if (is_read == OPJ_FALSE) throw_broken(kJpeg2000, "its data is damaged or ends early");
}

void check_header(Bytes bytes, const DecodeOptions& options) {
  const Jpeg2000Header header = read_jpeg2000_header(bytes);
  if (!header.is_found) throw_broken(kJpeg2000, "its header is damaged or ends early");
  check_size(kJpeg2000, header.width, header.height, options);
  if (header.num_components > 4 || header.num_palette_columns > 4) throw_unknown_kind();
  // openjpeg takes 10 kB for each before it has read one: no more than tiles of 16 x 16 pixels, and some for
  // pictures with less. 16,384 tiles of 256 x 256 pixels are a gigapixel.
  constexpr std::uint64_t kMaxTiles = 16384;
  constexpr std::uint64_t kFewTiles = 256;
  const auto num_pixels = static_cast<std::uint64_t>(header.width * header.height);
  const std::uint64_t max_tiles = std::min(kMaxTiles, kFewTiles + num_pixels / 256);
  if (header.num_tiles == 0 || header.num_tiles > max_tiles)
    throw_broken(kJpeg2000, "its tiles are of a size that is not read here");
}

using ImageHandle = std::unique_ptr<opj_image_t, decltype(&::opj_image_destroy)>;

ImageHandle read_components(const OpenJpeg& lib, Bytes bytes, const DecodeOptions& options) {
  Jpeg2000File file{bytes};
  const std::unique_ptr<opj_stream_t, decltype(&::opj_stream_destroy)> stream(
      lib.opj_stream_create(std::size_t{1} << 16, OPJ_TRUE), lib.opj_stream_destroy);
  const std::unique_ptr<opj_codec_t, decltype(&::opj_destroy_codec)> codec(
      lib.opj_create_decompress(is_jpeg2000_codestream(bytes) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2),
      lib.opj_destroy_codec);
  if (!stream || !codec) throw std::bad_alloc();
  lib.opj_stream_set_read_function(stream.get(), Jpeg2000File::read);
  lib.opj_stream_set_skip_function(stream.get(), Jpeg2000File::skip);
  lib.opj_stream_set_seek_function(stream.get(), Jpeg2000File::seek);
  lib.opj_stream_set_user_data(stream.get(), &file, nullptr);
  lib.opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_dparameters_t parameters;
  lib.opj_set_default_decoder_parameters(&parameters);
  require_read(lib.opj_setup_decoder(codec.get(), &parameters));
  opj_image_t* found = nullptr;
  const OPJ_BOOL has_header = lib.opj_read_header(stream.get(), codec.get(), &found);
  ImageHandle image(found, lib.opj_image_destroy);
  require_read(has_header);
  check_size(kJpeg2000, std::int64_t{found->x1} - found->x0, std::int64_t{found->y1} - found->y0, options);
  if (found->numcomps > 4) throw_unknown_kind();
  require_read(lib.opj_decode(codec.get(), stream.get(), found));
  require_read(lib.opj_end_decompress(codec.get(), stream.get()));
  return image;
}

/// One component, whose samples may lie further apart than the picture's pixels.
class Component {
 public:
  Component(const opj_image_t& image, std::size_t index)
      : comp_(image.comps[index]), x0_(image.x0), y0_(image.y0) {
    if (comp_.data == nullptr || comp_.w == 0 || comp_.h == 0 || comp_.dx == 0 || comp_.dy == 0)
      throw_broken(kJpeg2000, "a component of it is missing");
  }

  unsigned bits() const { return comp_.prec; }

  /// The sample that covers the pixel, from 0 on.
  std::int64_t value(std::size_t x, std::size_t y) const {
    const std::size_t column = place(x, x0_, comp_.dx, comp_.w);
    const std::size_t row = place(y, y0_, comp_.dy, comp_.h);
    return comp_.data[row * comp_.w + column] + (comp_.sgnd != 0 ? std::int64_t{1} << (comp_.prec - 1) : 0);
  }

  /// The same in 8 bits, rounded. Pillow makes black of what rounds up to 256.
  std::uint8_t byte(std::size_t x, std::size_t y) const {
    const std::int64_t sample = value(x, y);
    if (comp_.prec <= 8) return static_cast<std::uint8_t>(sample << (8 - comp_.prec));
    const unsigned shift = comp_.prec - 8;
    const std::int64_t rounded = (sample + (std::int64_t{1} << (shift - 1))) >> shift;
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(rounded, 0, 255));
  }

 private:
  static std::size_t place(std::size_t at, std::uint32_t origin, std::uint32_t step, std::uint32_t count) {
    if (step == 1) return std::min<std::size_t>(at, count - 1);
    const std::size_t first = (std::size_t{origin} + step - 1) / step;
    const std::size_t sample = (at + origin) / step;
    return std::min<std::size_t>(sample - std::min(sample, first), count - 1);
  }

  const opj_image_comp_t& comp_;
  std::uint32_t x0_;
  std::uint32_t y0_;
};

using Pixel = std::array<std::uint8_t, 3>;

std::uint8_t clip(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

/// Pillow's YCbCr to RGB, in 64ths.
Pixel ycc_to_rgb(const Pixel& ycc) {
  const auto part = [&](double factor, std::size_t c) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): towards zero below zero, as in Pillow
    return static_cast<int>(factor * (ycc[c] - 128) * 64 + 0.5);
  };
  const int y = ycc[0];
  return {clip(y + (part(1.402, 2) >> 6)), clip(y + ((part(-0.34414, 1) + part(-0.71414, 2)) >> 6)),
          clip(y + (part(1.772, 1) >> 6))};
}

enum class Colors { kGrey, kRgb, kYcc, kCmyk };

Colors colors_of(const opj_image_t& image) {
  if (image.numcomps <= 2) return Colors::kGrey;
  switch (image.color_space) {
    case OPJ_CLRSPC_SYCC:
      return Colors::kYcc;
    case OPJ_CLRSPC_CMYK:
      return image.numcomps == 4 ? Colors::kCmyk : Colors::kRgb;
    case OPJ_CLRSPC_EYCC:
      throw_unknown_kind();
    default:
      // A bare codestream does not say; thinned colours are differences of colours.
      return image.comps[1].dx > image.comps[0].dx || image.comps[1].dy > image.comps[0].dy ? Colors::kYcc
                                                                                            : Colors::kRgb;
  }
}

template <typename PixelAt>
void fill(RgbImage& image, PixelAt pixel_at) {
  std::uint8_t* to = image.pixels.data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y) {
    for (std::size_t x = 0; x < static_cast<std::size_t>(image.width); ++x)
      to = std::ranges::copy(pixel_at(x, y), to).out;
  }
}

void read_grey(const Component& grey, DecodedImage& decoded) {
  fill(decoded.image, [&](std::size_t x, std::size_t y) {
    const std::uint8_t level = grey.byte(x, y);
    return Pixel{level, level, level};
  });
}

void read_deep_grey(const Component& grey, DeepGray how, DecodedImage& decoded) {
  const unsigned bits = grey.bits();
  const auto width = static_cast<std::size_t>(decoded.image.width);
  const auto value_of = [&](std::size_t i) {
    const std::int64_t value = grey.value(i % width, i / width);
    // Pillow's grey without alpha is of 16 bits, whatever the file's.
    if (how != DeepGray::kClip) return static_cast<double>(value);
    return static_cast<double>(bits <= 16 ? value << (16 - bits) : value >> (bits - 16));
  };
  draw_deep_gray(how, {0, std::ldexp(1.0, static_cast<int>(bits)) - 1}, value_of, decoded);
}

void read_colors(const opj_image_t& image, Colors colors, DecodedImage& decoded) {
  const Component first(image, 0);
  const Component second(image, 1);
  const Component third(image, 2);
  const Component last(image, image.numcomps - 1);
  fill(decoded.image, [&](std::size_t x, std::size_t y) {
    const Pixel pixel = {first.byte(x, y), second.byte(x, y), third.byte(x, y)};
    if (colors == Colors::kYcc) return ycc_to_rgb(pixel);
    if (colors != Colors::kCmyk) return pixel;
    const std::uint8_t black = last.byte(x, y);
    return Pixel{without_ink(pixel[0], black), without_ink(pixel[1], black), without_ink(pixel[2], black)};
  });
}

}  // namespace

bool is_jpeg2000(Bytes bytes) {
  using namespace std::string_view_literals;
  return is_jpeg2000_codestream(bytes) || starts_with(bytes, "\0\0\0\x0CjP  \r\n\x87\n"sv);
}

DecodedImage decode_jpeg2000(Bytes bytes, const DecodeOptions& options) {
  const auto& lib = opened_library<OpenJpeg>();
  check_header(bytes, options);
  const ImageHandle image = read_components(lib, bytes, options);
  DecodedImage decoded{
      RgbImage(static_cast<int>(image->x1 - image->x0), static_cast<int>(image->y1 - image->y0))};
  const Colors colors = colors_of(*image);
  // The last of an even number, as in Pillow: no file need say so.
  const bool has_alpha = image->numcomps % 2 == 0 && colors != Colors::kCmyk;
  const Component grey(*image, 0);
  if (colors == Colors::kGrey && !has_alpha && grey.bits() > 8) {
    read_deep_grey(grey, options.deep_gray, decoded);
  } else if (colors == Colors::kGrey) {
    read_grey(grey, decoded);
  } else {
    read_colors(*image, colors, decoded);
  }
  if (!has_alpha) return decoded;
  const Component alpha(*image, image->numcomps - 1);
  decoded.alpha.reserve(decoded.image.pixels.size() / 3);
  for (std::size_t y = 0; y < static_cast<std::size_t>(decoded.image.height); ++y) {
    for (std::size_t x = 0; x < static_cast<std::size_t>(decoded.image.width); ++x)
      decoded.alpha.push_back(alpha.byte(x, y));
  }
  return decoded;
}

LibraryState jpeg2000_library() {
  return state_of_library<OpenJpeg>(CLIPCLS_OPENJPEG_PACKAGE,
                                    [](const OpenJpeg& lib) { return std::string(lib.opj_version()); });
}

}  // namespace clipcls
