// The only file that sees libjpeg-turbo.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs FILE declared first
#include <optional>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "cmyk.h"
#include "decoders.h"
#include "exif.h"

namespace clipcls {
namespace {

constexpr std::string_view kJpeg = "JPEG";
constexpr int kMaxScans =
    1000;  // real progressive files have about ten; a hostile one costs a full pass a scan

struct ErrorManager {
  jpeg_error_mgr base;  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump;
};

[[noreturn]] void on_error(j_common_ptr cinfo) {
  std::longjmp(reinterpret_cast<ErrorManager*>(cinfo->err)->jump, 1);
}

void on_message(j_common_ptr /*cinfo*/) {}  // libjpeg would print it

// Pillow decodes past warnings (damaged entropy data, stray bytes between markers), and so does this.
void on_warning(j_common_ptr cinfo, int level) {
  if (level < 0) ++cinfo->err->num_warnings;
}

// The whole file is in memory: where libjpeg asks for more it is told to wait, which it reports to its
// caller, instead of being fed an invented end marker and painting the rest grey.
boolean no_more_input(j_decompress_ptr /*cinfo*/) { return FALSE; }

void skip_input(j_decompress_ptr cinfo, long num_bytes) {
  if (num_bytes <= 0) return;
  jpeg_source_mgr& source = *cinfo->src;
  const std::size_t skipped = std::min(static_cast<std::size_t>(num_bytes), source.bytes_in_buffer);
  source.next_input_byte += skipped;
  source.bytes_in_buffer -= skipped;
}

void do_nothing(j_decompress_ptr /*cinfo*/) {}

void limit_scans(j_common_ptr cinfo) {
  if (reinterpret_cast<j_decompress_ptr>(cinfo)->input_scan_number > kMaxScans) on_error(cinfo);
}

class JpegReader {
 public:
  explicit JpegReader(Bytes bytes) {
    cinfo_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = on_error;
    errors_.base.output_message = on_message;
    errors_.base.emit_message = on_warning;
    call([&] { jpeg_create_decompress(&cinfo_); });
    source_.next_input_byte = bytes.data();
    source_.bytes_in_buffer = bytes.size();
    // A source of our own, since libjpeg's jpeg_mem_src() makes up an end marker at the end of the bytes.
    source_.init_source = do_nothing;
    source_.fill_input_buffer = no_more_input;
    source_.skip_input_data = skip_input;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = do_nothing;
    cinfo_.src = &source_;
    // libjpeg calls the progress monitor often enough to stop a file of many scans in the middle.
    progress_.progress_monitor = limit_scans;
    cinfo_.progress = &progress_;
  }
  ~JpegReader() { jpeg_destroy_decompress(&cinfo_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  jpeg_decompress_struct& cinfo() { return cinfo_; }

  /// Runs `body`, which calls libjpeg and holds nothing with a destructor: libjpeg leaves it by longjmp.
  template <typename Body>
  void call(Body body) {
    if (setjmp(errors_.jump) != 0) throw_broken(kJpeg, reason());
    body();
  }

 private:
  std::string reason() {
    // limit_scans() leaves by the same jump without setting a message, so code 0 is its sign.
    if (errors_.base.msg_code == 0) return "it has more than " + std::to_string(kMaxScans) + " scans";
    char message[JMSG_LENGTH_MAX];
    (*errors_.base.format_message)(reinterpret_cast<j_common_ptr>(&cinfo_), message);
    return message;
  }

  ErrorManager errors_ = {};
  jpeg_decompress_struct cinfo_ = {};
  jpeg_source_mgr source_ = {};
  jpeg_progress_mgr progress_ = {};
};

// Both kinds of metadata travel in APP1 segments; EXIF may be spread over several.
int read_jpeg_orientation(jpeg_saved_marker_ptr marker) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  std::vector<std::uint8_t> exif;
  Bytes xmp;
  for (; marker != nullptr; marker = marker->next) {
    const Bytes data(marker->data, marker->data_length);
    if (starts_with(data, kExif)) {
      // The prefix stands in front of every part. The first one's stays: read_orientation() takes it off.
      exif.insert(exif.end(), data.begin() + (exif.empty() ? 0 : kExif.size()), data.end());
    } else if (starts_with(data, kXmp)) {
      xmp = data.subspan(kXmp.size());
    }
  }
  return read_orientation(exif, xmp);
}

// Pillow reads every four-component JPEG as Adobe writes it, inverted: 255 means no ink.
void cmyk_row_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, int width) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = without_ink(255U - cmyk[c], 255U - cmyk[3]);
  }
}

/// The divisor of both sides.
unsigned draft_divisor(unsigned width, unsigned height, int draft_side) {
  if (draft_side <= 0) return 1;
  // libjpeg can shrink by 8, 4 or 2 while it decodes, which skips most of the work. The shorter side stays at
  // least `draft_side`, so that the resizer never has to enlarge what was shrunk.
  unsigned divisor = 8;
  while (divisor > 1 && std::min(width, height) / divisor < static_cast<unsigned>(draft_side)) divisor /= 2;
  return divisor;
}

/// None: the file ends before the picture does.
std::optional<DecodedImage> read_jpeg(Bytes bytes, const DecodeOptions& options) {
  JpegReader reader(bytes);
  jpeg_decompress_struct& cinfo = reader.cinfo();

  int status = 0;
  reader.call([&] {
    // Header first: it gives the size, and the orientation, before any memory for pixels is taken.
    jpeg_save_markers(&cinfo, JPEG_APP0 + 1, 0xFFFF);
    status = jpeg_read_header(&cinfo, TRUE);
  });
  if (status != JPEG_HEADER_OK) return std::nullopt;
  check_size(kJpeg, cinfo.image_width, cinfo.image_height, options);
  const int num_components = cinfo.num_components;
  if (num_components != 1 && num_components != 3 && num_components != 4) {
    throw_broken(kJpeg, "it has " + std::to_string(num_components) + " components; 1, 3 and 4 are read");
  }
  cinfo.scale_num = 1;
  cinfo.scale_denom = draft_divisor(cinfo.image_width, cinfo.image_height, options.draft_side);
  // libjpeg turns YCCK into CMYK and no further; the step to RGB is cmyk_row_to_rgb().
  cinfo.out_color_space = num_components == 4 ? JCS_CMYK : JCS_RGB;

  DecodedImage decoded;
  decoded.orientation = read_jpeg_orientation(cinfo.marker_list);
  bool started = false;
  reader.call([&] { started = jpeg_start_decompress(&cinfo) != FALSE; });
  if (!started) return std::nullopt;

  decoded.image = RgbImage(static_cast<int>(cinfo.output_width), static_cast<int>(cinfo.output_height));
  RgbImage& image = decoded.image;
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
  // Allocated outside of call(), whose body must own nothing: a jump out of libjpeg would leak it.
  std::vector<std::uint8_t> cmyk(num_components == 4 ? static_cast<std::size_t>(image.width) * 4 : 0);
  reader.call([&] {
    while (cinfo.output_scanline < cinfo.output_height) {
      std::uint8_t* rgb = image.pixels.data() + row_bytes * cinfo.output_scanline;
      JSAMPROW row = cmyk.empty() ? rgb : cmyk.data();
      // No row: the source has run dry. The check behind the loop reports it.
      if (jpeg_read_scanlines(&cinfo, &row, 1) == 0) return;
      if (!cmyk.empty()) cmyk_row_to_rgb(cmyk.data(), rgb, image.width);
    }
  });
  if (cinfo.output_scanline < cinfo.output_height) return std::nullopt;
  return decoded;
}

}  // namespace

DecodedImage decode_jpeg(Bytes bytes, const DecodeOptions& options) {
  std::optional<DecodedImage> decoded = read_jpeg(bytes, options);
  if (!decoded && options.accepts_truncated) {
    // As Pillow does it: libjpeg takes the end marker for a fault, and goes on with the last colour.
    std::vector<std::uint8_t> ended(bytes.begin(), bytes.end());
    ended.insert(ended.end(), {0xFF, JPEG_EOI});
    decoded = read_jpeg(ended, options);
    if (decoded) decoded->is_truncated = true;
  }
  if (!decoded) throw_broken(kJpeg, kFileEndsEarly);
  return *std::move(decoded);
}

LibraryState jpeg_library() {
#define CLIPCLS_TEXT_OF(value) #value
#define CLIPCLS_VERSION_TEXT(value) CLIPCLS_TEXT_OF(value)
  return {CLIPCLS_VERSION_TEXT(LIBJPEG_TURBO_VERSION), "", ""};  // the library itself does not say
#undef CLIPCLS_VERSION_TEXT
#undef CLIPCLS_TEXT_OF
}

}  // namespace clipcls
