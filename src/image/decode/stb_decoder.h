#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// Whether stb_image takes the bytes for one of its formats.
bool stb_recognises(Bytes bytes);

/// Throws kBrokenImage or kTooLarge for what the header says, and takes no memory.
void check_stb_header(std::string_view format, Bytes bytes, const DecodeOptions& options);

/// Decodes through stb_image to RGB, alpha dropped. stb reads zeros behind the end of a file; here that is an
/// error. `format` is for messages. Throws kBrokenImage or kTooLarge.
RgbImage decode_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options);

/// The same with the alpha kept beside the pixels, for a file that has some.
DecodedImage decode_alpha_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options);

/// The same for a picture of one 16-bit grey channel: width * height values, an image with the size but no
/// pixels.
struct Gray16Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> pixels;
};
Gray16Image decode_gray16_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options);

}  // namespace clipcls
