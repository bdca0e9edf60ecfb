// The only file that sees libavif.
#include <avif/avif.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "alpha.h"
#include "base/quiet_thread.h"
#include "exif.h"
#include "media_box.h"
#include "opened_library.h"

namespace clipcls {
namespace {

constexpr std::string_view kAvif = "AVIF";

/// The functions of libavif that are used here.
struct LibAvif {
  SharedLibrary library{CLIPCLS_AVIF_SONAME, CLIPCLS_AVIF_PACKAGE, "reading AVIF pictures",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_AVIF_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_AVIF_FUNCTION(avifVersion);
  CLIPCLS_AVIF_FUNCTION(avifDecoderCreate);
  CLIPCLS_AVIF_FUNCTION(avifDecoderDestroy);
  CLIPCLS_AVIF_FUNCTION(avifDecoderSetIOMemory);
  CLIPCLS_AVIF_FUNCTION(avifDecoderParse);
  CLIPCLS_AVIF_FUNCTION(avifDecoderNthImage);
  CLIPCLS_AVIF_FUNCTION(avifRGBImageSetDefaults);
  CLIPCLS_AVIF_FUNCTION(avifImageYUVToRGB);
#undef CLIPCLS_AVIF_FUNCTION
};

struct DestroyAvif {
  const LibAvif* lib;
  void operator()(avifDecoder* decoder) const { lib->avifDecoderDestroy(decoder); }
};
using AvifHandle = std::unique_ptr<avifDecoder, DestroyAvif>;

void require_ok(avifResult result, const char* otherwise) {
  switch (result) {
    case AVIF_RESULT_OK:
      return;
    case AVIF_RESULT_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
      throw Error(ErrorKind::kUnsupportedFormat, CLIPCLS_AVIF_PACKAGE " has no decoder of AV1 here");
    case AVIF_RESULT_NOT_IMPLEMENTED:
    case AVIF_RESULT_UNSUPPORTED_DEPTH:
    case AVIF_RESULT_INVALID_FTYP:
      throw Error(ErrorKind::kUnsupportedFormat, "the AVIF picture is of a kind that is not read here");
    default:
      throw_broken(kAvif, otherwise);
  }
}

AvifHandle open_avif(const LibAvif& lib, Bytes bytes) {
  AvifHandle decoder(lib.avifDecoderCreate(), DestroyAvif{&lib});
  if (!decoder) throw std::bad_alloc();
  decoder->maxThreads = 1;  // a picture a thread already
  decoder->imageDimensionLimit = kMaxSide;
  decoder->imageCountLimit = 1U << 16;
  // Many writers leave out what these ask for; Pillow reads their files.
  decoder->strictFlags &= ~static_cast<avifStrictFlags>(AVIF_STRICT_PIXI_REQUIRED | AVIF_STRICT_CLAP_VALID);
  require_ok(lib.avifDecoderSetIOMemory(decoder.get(), bytes.data(), bytes.size()), kFileEndsEarly);
  return decoder;
}

/// Reads the boxes. The limit on pixels holds from then on: for what the data themselves say.
void read_boxes(const LibAvif& lib, avifDecoder& decoder, const DecodeOptions& options) {
  const avifResult result = lib.avifDecoderParse(&decoder);
  if (result != AVIF_RESULT_OK &&
      std::string_view(decoder.diag.error).find("dimensions are too large") != std::string::npos)
    throw Error(ErrorKind::kTooLarge,
                "the AVIF picture has more than the 16384 x 16384 pixels that libavif reads, whatever "
                "`max_megapixels` says");
  require_ok(result, "its boxes are damaged or end early");
  check_size(kAvif, decoder.image->width, decoder.image->height, options);
  decoder.imageSizeLimit = static_cast<std::uint32_t>(
      std::clamp(options.max_megapixels * 1e6, 1.0, double{AVIF_DEFAULT_IMAGE_SIZE_LIMIT}));
}

/// The orientation (1..8) that the file's own turns amount to: counter-clockwise, then mirrored.
int turns_of(const avifImage& image) {
  const int turns = (image.transformFlags & AVIF_TRANSFORM_IROT) != 0 ? image.irot.angle & 3 : 0;
  constexpr std::array kTurned = {1, 8, 3, 6};
  constexpr std::array kTopToBottom = {4, 5, 2, 7};
  constexpr std::array kLeftToRight = {2, 7, 4, 5};
  const auto index = static_cast<std::size_t>(turns);
  if ((image.transformFlags & AVIF_TRANSFORM_IMIR) == 0) return kTurned[index];
#if AVIF_VERSION >= 1000000
  const bool is_left_to_right = image.imir.axis != 0;
#else
  const bool is_left_to_right = image.imir.mode != 0;
#endif
  return is_left_to_right ? kLeftToRight[index] : kTopToBottom[index];
}

/// As in Pillow: the file's own turns count and not what EXIF says; XMP where neither says anything.
int orientation_of(const avifImage& image) {
  const Bytes exif(image.exif.data, image.exif.size);
  const int turns = turns_of(image);
  if (turns != 1 || read_exif_orientation(exif) != 1) return turns;
  return read_orientation(exif, {image.xmp.data, image.xmp.size});
}

DecodedImage convert_to_rgb(const LibAvif& lib, const avifImage& image, bool has_alpha) {
  DecodedImage decoded{RgbImage(static_cast<int>(image.width), static_cast<int>(image.height))};
  avifRGBImage rgb;
  lib.avifRGBImageSetDefaults(&rgb, &image);
  rgb.depth = 8;
  rgb.format = has_alpha ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.rowBytes = image.width * (has_alpha ? 4 : 3);
  std::vector<std::uint8_t> rgba(has_alpha ? std::size_t{rgb.rowBytes} * image.height : 0);
  rgb.pixels = has_alpha ? rgba.data() : decoded.image.pixels.data();
  require_ok(lib.avifImageYUVToRGB(&image, &rgb), "its colours are of a kind that is not read here");
  if (has_alpha) take_rgba(rgba.data(), rgb.rowBytes, decoded);
  return decoded;
}

}  // namespace

bool is_avif(Bytes bytes) {
  const auto brands = media_brands(bytes);
  // Pictures coded in both ways are for who reads the one that is named first.
  return !brands.empty() && !brands.front().starts_with("he") &&
         std::ranges::any_of(brands,
                             [](std::string_view brand) { return brand == "avif" || brand == "avis"; });
}

DecodedImage decode_avif(Bytes bytes, const DecodeOptions& options) {
  const auto& lib = opened_library<LibAvif>();
  DecodedImage decoded;
  // dav1d says on standard error what it thinks of damaged data.
  run_quietly([&] {
    const AvifHandle decoder = open_avif(lib, bytes);
    read_boxes(lib, *decoder, options);
    if (options.page > decoder->imageCount) throw_no_page(kAvif, decoder->imageCount, options);
    // A frame of a sequence may need all before it.
    PageWork work(kAvif, options);
    const std::int64_t num_pixels = std::int64_t{decoder->image->width} * decoder->image->height;
    for (int page = 1; page <= options.page; ++page) work.add(num_pixels);
    require_ok(lib.avifDecoderNthImage(decoder.get(), static_cast<std::uint32_t>(options.page - 1)),
               "its data is damaged or ends early");
    check_size(kAvif, decoder->image->width, decoder->image->height, options);
    decoded = convert_to_rgb(lib, *decoder->image, decoder->alphaPresent != AVIF_FALSE);
    decoded.orientation = orientation_of(*decoder->image);
  });
  return decoded;
}

LibraryState avif_library() {
  return state_of_library<LibAvif>(CLIPCLS_AVIF_PACKAGE,
                                   [](const LibAvif& lib) { return std::string(lib.avifVersion()); });
}

}  // namespace clipcls
