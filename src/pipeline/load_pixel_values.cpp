#include "pipeline/load_pixel_values.h"

#include "image/preprocess.h"

namespace clipcls {

RgbImage load_pixel_values(std::span<const std::uint8_t> bytes, const EncodeOptions& options,
                           const PreprocessConfig& config, std::span<float> pixel_values,
                           ImageResult& result) {
  DecodeOptions decode = options.decode;
  // Twice the model's size, so that the resize behind it still averages over several pixels.
  if (options.is_draft) decode.draft_side = 2 * config.image_size;
  RgbImage image = decode_image(bytes, decode, &result.notes);
  preprocess(image, config, pixel_values);
  return image;
}

}  // namespace clipcls
