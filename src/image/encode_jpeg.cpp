#include "encode_jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs FILE declared first
#include <cstdlib>

#include <jpeglib.h>

#include "clipcls/error.h"

namespace clipcls {
namespace {

struct EncodingErrors {
  jpeg_error_mgr base;  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump;
};

[[noreturn]] void end_encoding(j_common_ptr cinfo) {
  std::longjmp(reinterpret_cast<EncodingErrors*>(cinfo->err)->jump, 1);
}

void ignore_message(j_common_ptr /*cinfo*/) {}  // libjpeg would print it

/// Holds nothing with a destructor: libjpeg leaves it by longjmp. The bytes come from malloc().
bool encode(const RgbImage& image, int quality, unsigned char** bytes, unsigned long* size) {
  EncodingErrors errors = {};
  jpeg_compress_struct cinfo = {};
  cinfo.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = end_encoding;
  errors.base.output_message = ignore_message;
  if (setjmp(errors.jump) != 0) {
    jpeg_destroy_compress(&cinfo);
    return false;
  }
  jpeg_create_compress(&cinfo);
  jpeg_mem_dest(&cinfo, bytes, size);
  cinfo.image_width = static_cast<JDIMENSION>(image.width);
  cinfo.image_height = static_cast<JDIMENSION>(image.height);
  cinfo.input_components = 3;
  cinfo.in_color_space = JCS_RGB;
  jpeg_set_defaults(&cinfo);
  jpeg_set_quality(&cinfo, quality, TRUE);
  // Huffman tables made for this picture: fewer bytes in a page that holds many, at a second pass each.
  cinfo.optimize_coding = TRUE;
  jpeg_start_compress(&cinfo, TRUE);
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
  while (cinfo.next_scanline < cinfo.image_height) {
    // libjpeg does not write to it.
    auto* row = const_cast<JSAMPROW>(image.pixels.data() + row_bytes * cinfo.next_scanline);
    jpeg_write_scanlines(&cinfo, &row, 1);
  }
  jpeg_finish_compress(&cinfo);
  jpeg_destroy_compress(&cinfo);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const RgbImage& image, int quality) {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool is_encoded = encode(image, quality, &bytes, &size);
  std::vector<std::uint8_t> result;
  // jpeg_mem_dest() may have grown the buffer before it failed, so it is freed in both cases.
  if (is_encoded) result.assign(bytes, bytes + size);
  std::free(bytes);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg's own
  if (!is_encoded) throw Error(ErrorKind::kOutput, "a thumbnail cannot be encoded");
  return result;
}

}  // namespace clipcls
