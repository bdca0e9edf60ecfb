// The only file that sees libtiff. A page is read strip by strip or tile by tile as samples; what
// they mean is for tiff_samples.
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "opened_library.h"
#include "tiff_directories.h"
#include "tiff_samples.h"

namespace clipcls {
namespace {

constexpr std::string_view kTiff = "TIFF";

/// The functions of libtiff that are used here.
struct LibTiff {
  SharedLibrary library{CLIPCLS_TIFF_SONAME, CLIPCLS_TIFF_PACKAGE, "reading TIFF pictures",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_TIFF_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_TIFF_FUNCTION(TIFFOpenOptionsAlloc);
  CLIPCLS_TIFF_FUNCTION(TIFFOpenOptionsFree);
  CLIPCLS_TIFF_FUNCTION(TIFFOpenOptionsSetMaxSingleMemAlloc);
  CLIPCLS_TIFF_FUNCTION(TIFFOpenOptionsSetErrorHandlerExtR);
  CLIPCLS_TIFF_FUNCTION(TIFFOpenOptionsSetWarningHandlerExtR);
  CLIPCLS_TIFF_FUNCTION(TIFFClientOpenExt);
  CLIPCLS_TIFF_FUNCTION(TIFFGetVersion);
  CLIPCLS_TIFF_FUNCTION(TIFFClose);
  CLIPCLS_TIFF_FUNCTION(TIFFSetSubDirectory);
  CLIPCLS_TIFF_FUNCTION(TIFFGetField);
  CLIPCLS_TIFF_FUNCTION(TIFFGetFieldDefaulted);
  CLIPCLS_TIFF_FUNCTION(TIFFSetField);
  CLIPCLS_TIFF_FUNCTION(TIFFIsTiled);
  CLIPCLS_TIFF_FUNCTION(TIFFStripSize64);
  CLIPCLS_TIFF_FUNCTION(TIFFTileSize64);
  CLIPCLS_TIFF_FUNCTION(TIFFReadEncodedStrip);
  CLIPCLS_TIFF_FUNCTION(TIFFReadEncodedTile);
  CLIPCLS_TIFF_FUNCTION(TIFFRGBAImageOK);
  CLIPCLS_TIFF_FUNCTION(TIFFRGBAImageBegin);
  CLIPCLS_TIFF_FUNCTION(TIFFRGBAImageGet);
  CLIPCLS_TIFF_FUNCTION(TIFFRGBAImageEnd);
#undef CLIPCLS_TIFF_FUNCTION
};

/// A file in memory, as libtiff reads it.
struct TiffFile {
  Bytes bytes;
  std::size_t at = 0;
  bool has_lost_palette = false;

  static TiffFile& of(thandle_t handle) { return *static_cast<TiffFile*>(handle); }
  static tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
    TiffFile& file = of(handle);
    const std::size_t rest = file.bytes.size() - std::min(file.at, file.bytes.size());
    const std::size_t count = std::min(static_cast<std::size_t>(std::max<tmsize_t>(size, 0)), rest);
    if (count > 0) std::memcpy(to, file.bytes.data() + file.at, count);
    file.at += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t /*handle*/, void* /*from*/, tmsize_t /*size*/) { return 0; }
  static toff_t seek(thandle_t handle, toff_t to, int from) {
    TiffFile& file = of(handle);
    if (from == SEEK_CUR) to += file.at;
    if (from == SEEK_END) to += file.bytes.size();
    file.at = to;
    return to;
  }
  static int close(thandle_t /*handle*/) { return 0; }
  static toff_t size(thandle_t handle) { return of(handle).bytes.size(); }
};

// What libtiff complains of is not shown: its words are about its own functions.
int ignore_message(TIFF* /*tiff*/, void* /*user*/, const char* /*module*/, const char* /*format*/,
                   va_list /*values*/) {
  return 1;
}

// A palette that lies behind the end of the file is a warning, and the indices would be taken for greys.
int note_lost_palette(TIFF* /*tiff*/, void* file, const char* /*module*/, const char* format,
                      va_list values) {
  if (std::string_view(format).starts_with("IO error during reading of \"%s\"") &&
      std::string_view(va_arg(values, const char*)) == "ColorMap")
    static_cast<TiffFile*>(file)->has_lost_palette = true;
  return 1;
}

struct CloseTiff {
  const LibTiff* lib;
  void operator()(TIFF* tiff) const { lib->TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

TiffHandle open_tiff(const LibTiff& lib, TiffFile& file, const DecodeOptions& options) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&::TIFFOpenOptionsFree)> open(lib.TIFFOpenOptionsAlloc(),
                                                                                lib.TIFFOpenOptionsFree);
  if (!open) throw std::bad_alloc();
  // Eight bytes a pixel hold four samples of 16 bits; the rest is for tables.
  constexpr double kTables = 64e6;
  lib.TIFFOpenOptionsSetMaxSingleMemAlloc(
      open.get(), static_cast<tmsize_t>(std::min(options.max_megapixels * 8e6 + kTables, 4e9)));
  lib.TIFFOpenOptionsSetErrorHandlerExtR(open.get(), ignore_message, nullptr);
  lib.TIFFOpenOptionsSetWarningHandlerExtR(open.get(), note_lost_palette, &file);
  // "m": no map of the file, it is in memory already.
  return {lib.TIFFClientOpenExt("picture", "rm", &file, TiffFile::read, TiffFile::write, TiffFile::seek,
                                TiffFile::close, TiffFile::size, nullptr, nullptr, open.get()),
          CloseTiff{&lib}};
}

void go_to_page(const LibTiff& lib, TIFF* tiff, Bytes bytes, const DecodeOptions& options) {
  const auto page = static_cast<std::size_t>(options.page);
  const std::vector<std::uint64_t> directories = tiff_directories(bytes, page);
  if (directories.size() < page)
    throw_no_page(kTiff, std::max<std::int64_t>(static_cast<std::int64_t>(directories.size()), 1), options);
  if (lib.TIFFSetSubDirectory(tiff, directories.back()) != 1)
    throw_broken(kTiff, "the directory of that page is damaged or ends early");
}

std::uint16_t short_field(const LibTiff& lib, TIFF* tiff, std::uint32_t tag, std::uint16_t otherwise) {
  std::uint16_t value = otherwise;
  return lib.TIFFGetField(tiff, tag, &value) == 1 ? value : otherwise;
}

std::optional<double> number_field(const LibTiff& lib, TIFF* tiff, std::uint32_t tag) {
  double value = 0;
  if (lib.TIFFGetField(tiff, tag, &value) != 1) return std::nullopt;
  return value;
}

TiffLayout read_layout(const LibTiff& lib, TIFF* tiff, const DecodeOptions& options) {
  TiffLayout layout;
  lib.TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  lib.TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  check_size(kTiff, layout.width, layout.height, options);
  std::uint16_t value = 0;
  lib.TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &value);
  layout.bits = value;
  lib.TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &value);
  layout.num_samples = value;
  lib.TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &value);
  layout.is_float = value == SAMPLEFORMAT_IEEEFP;
  layout.is_signed = value == SAMPLEFORMAT_INT;
  layout.min_value = number_field(lib, tiff, TIFFTAG_SMINSAMPLEVALUE);
  layout.max_value = number_field(lib, tiff, TIFFTAG_SMAXSAMPLEVALUE);
  layout.photometric = short_field(lib, tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
  layout.is_planar =
      short_field(lib, tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  std::uint16_t num_extra = 0;
  std::uint16_t* extra = nullptr;
  if (lib.TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &num_extra, &extra) == 1 && num_extra > 0)
    layout.first_extra = extra[0];
  std::array<std::uint16_t*, 3> colors = {};
  if (layout.photometric == PHOTOMETRIC_PALETTE && layout.bits <= 8 &&
      lib.TIFFGetField(tiff, TIFFTAG_COLORMAP, colors.data(), &colors[1], &colors[2]) == 1) {
    for (std::size_t c = 0; c < 3; ++c)
      layout.palette[c].assign(colors[c], colors[c] + (std::size_t{1} << layout.bits));
  }
  return layout;
}

[[noreturn]] void throw_damaged_tiff() { throw_broken(kTiff, "its data is damaged or ends early"); }

/// How many of the strips or tiles of a plane could be read: all, or those before the first that could not.
struct PartsRead {
  std::size_t num_read = 0;
  std::size_t num_parts = 0;

  bool are_all() const { return num_read == num_parts; }
};

PartsRead read_strips(const LibTiff& lib, TIFF* tiff, const TiffLayout& layout, std::size_t plane,
                      std::uint8_t* to) {
  std::uint32_t rows = 0;
  lib.TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  rows = std::min(rows, layout.height);
  if (rows == 0) throw_broken(kTiff, "its strips have no rows");
  const std::size_t row = layout.row_bytes();
  if (lib.TIFFStripSize64(tiff) != row * rows) throw_broken(kTiff, "its strips are of another size");
  const std::uint32_t num_strips = (layout.height + rows - 1) / rows;
  for (std::uint32_t i = 0; i < num_strips; ++i) {
    const std::size_t size = row * std::min(rows, layout.height - i * rows);
    const auto strip = static_cast<std::uint32_t>(plane * num_strips + i);
    std::uint8_t* const strip_to = to + row * rows * i;
    if (lib.TIFFReadEncodedStrip(tiff, strip, strip_to, static_cast<tmsize_t>(size)) ==
        static_cast<tmsize_t>(size))
      continue;
    std::fill_n(strip_to, size, std::uint8_t{0});
    return {i, num_strips};
  }
  return {num_strips, num_strips};
}

PartsRead read_tiles(const LibTiff& lib, TIFF* tiff, const TiffLayout& layout, std::size_t plane,
                     std::uint8_t* to) {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  lib.TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
  lib.TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
  // A tile is memory beside the picture's own: a hostile one is as large as it likes.
  constexpr std::uint64_t kMaxTileBytes = 256U << 20;
  const std::uint64_t size = lib.TIFFTileSize64(tiff);
  if (width == 0 || height == 0 || width % 16 != 0 || size > kMaxTileBytes ||
      size < (std::uint64_t{width} * layout.samples_in_plane() * layout.bits + 7) / 8 * height)
    throw_broken(kTiff, "its tiles are of a size that is not read here");
  std::vector<std::uint8_t> tile(size);
  const std::size_t across = (std::size_t{layout.width} + width - 1) / width;
  const std::size_t down = (std::size_t{layout.height} + height - 1) / height;
  for (std::size_t i = 0; i < across * down; ++i) {
    const auto number = static_cast<std::uint32_t>(plane * across * down + i);
    if (lib.TIFFReadEncodedTile(tiff, number, tile.data(), static_cast<tmsize_t>(size)) !=
        static_cast<tmsize_t>(size))
      return {i, across * down};
    copy_tiff_part(layout, tile, width, i % across * width, i / across * height, height, to);
  }
  return {across * down, across * down};
}

/// What libtiff itself turns to colours: YCbCr with thinned chroma, Lab of other kinds than Pillow reads,
/// LogLuv.
DecodedImage decode_with_libtiff_colours(const LibTiff& lib, TIFF* tiff, const TiffLayout& layout) {
  std::array<char, 1024> message = {};
  TIFFRGBAImage reader = {};
  if (lib.TIFFRGBAImageOK(tiff, message.data()) != 1 ||
      lib.TIFFRGBAImageBegin(&reader, tiff, 1, message.data()) != 1)
    throw Error(ErrorKind::kUnsupportedFormat, "the TIFF picture is of a kind that is not read here");
  const auto end = [&](TIFFRGBAImage* image) { lib.TIFFRGBAImageEnd(image); };
  const std::unique_ptr<TIFFRGBAImage, decltype(end)> owner(&reader, end);
  // As the file has it: the turn comes later.
  reader.req_orientation = reader.orientation;
  std::vector<std::uint32_t> raster(std::size_t{layout.width} * layout.height);
  if (lib.TIFFRGBAImageGet(&reader, raster.data(), layout.width, layout.height) != 1) throw_damaged_tiff();
  DecodedImage decoded{RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
  std::uint8_t* to = decoded.image.pixels.data();
  for (const std::uint32_t pixel : raster) {
    for (unsigned shift = 0; shift < 24; shift += 8) *to++ = static_cast<std::uint8_t>(pixel >> shift);
  }
  return decoded;
}

DecodedImage decode_page(const LibTiff& lib, TIFF* tiff, const DecodeOptions& options) {
  TiffLayout layout = read_layout(lib, tiff, options);
  const std::uint16_t compression = short_field(lib, tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (layout.photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG && !layout.is_planar) {
    lib.TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout.photometric = PHOTOMETRIC_RGB;
  }
  if (layout.photometric >= PHOTOMETRIC_YCBCR && !is_lab_of_bytes(layout))
    return decode_with_libtiff_colours(lib, tiff, layout);
  require_known_samples(layout);
  const std::size_t num_planes = layout.is_planar ? num_used_samples(layout) : 1;
  std::vector<std::uint8_t> samples(layout.row_bytes() * layout.height * num_planes);
  PartsRead parts;
  for (std::size_t plane = 0; plane < num_planes && parts.are_all(); ++plane) {
    std::uint8_t* to = samples.data() + layout.row_bytes() * layout.height * plane;
    parts = lib.TIFFIsTiled(tiff) != 0 ? read_tiles(lib, tiff, layout, plane, to)
                                       : read_strips(lib, tiff, layout, plane, to);
    const bool is_something = plane > 0 || parts.num_read > 0;
    if (!parts.are_all() && !(options.accepts_truncated && is_something)) throw_damaged_tiff();
  }
  DecodedImage decoded = tiff_pixels(layout, samples, options.deep_gray);
  decoded.is_truncated = !parts.are_all();
  return decoded;
}

}  // namespace

DecodedImage decode_tiff(Bytes bytes, const DecodeOptions& options) {
  const auto& lib = opened_library<LibTiff>();
  TiffFile file{bytes};
  const TiffHandle tiff = open_tiff(lib, file, options);
  if (!tiff) throw_broken(kTiff, "its directory is damaged or ends early");
  if (options.page > 1) {
    file.has_lost_palette = false;  // the first page's
    go_to_page(lib, tiff.get(), bytes, options);
  }
  if (file.has_lost_palette) throw_broken(kTiff, kFileEndsEarly);
  DecodedImage decoded = decode_page(lib, tiff.get(), options);
  // Pillow turns these whatever one asks for: the orientation is the format's own, not the camera's.
  decoded.orientation = short_field(lib, tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  decoded.is_always_turned = true;
  return decoded;
}

LibraryState tiff_library() {
  return state_of_library<LibTiff>(CLIPCLS_TIFF_PACKAGE, [](const LibTiff& lib) {
    // "LIBTIFF, Version 4.5.0", and who wrote it.
    const std::string text = lib.TIFFGetVersion();
    const std::size_t from = text.find_first_of("0123456789");
    return from == std::string::npos ? ""
                                     : text.substr(from, text.find_first_not_of("0123456789.", from) - from);
  });
}

}  // namespace clipcls
