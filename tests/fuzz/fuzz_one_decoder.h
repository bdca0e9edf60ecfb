#pragma once

#include "fuzzer.h"
#include "image/decode/decoders.h"

namespace clipcls {

/// One decoder with what carries its signature. The limit is small, so that a header that lies about its size
/// meets it and not the fuzzer's patience.
inline int fuzz_one_decoder(Bytes input, bool (*recognise)(Bytes),
                            DecodedImage (*decode)(Bytes, const DecodeOptions&)) {
  if (!recognise(input)) return 0;
  const int page = static_cast<int>(1 + input.size() % 3);
  accepts(
      {ErrorKind::kNotFound, ErrorKind::kUnsupportedFormat, ErrorKind::kBrokenImage, ErrorKind::kTooLarge},
      [&] {
        const DecodedImage decoded = decode(input, {.max_megapixels = 1.0, .page = page});
        const RgbImage& image = decoded.image;
        require(image.width > 0 && image.height > 0, "a picture has pixels");
        const auto num_pixels =
            static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
        require(num_pixels <= 1'000'000, "no more pixels than the limit allows");
        require(image.pixels.size() == num_pixels * 3, "three bytes a pixel");
        require(decoded.alpha.empty() || decoded.alpha.size() == num_pixels, "one alpha a pixel, or none");
        require(decoded.orientation >= 1 && decoded.orientation <= 8, "an orientation is 1 to 8");
      });
  return 0;
}

}  // namespace clipcls
