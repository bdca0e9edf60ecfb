#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "pipeline/encode_images.h"

namespace clipcls {

// The work of an EncoderPool.

/// Decodes the image file that `read` gives and writes what the image encoder takes, [3, image_size,
/// image_size], to `pixel_values`. `result` gets what decoding noted, and the thumbnail or the error: what
/// goes wrong with an image is its own result, and no other's. Throws nothing.
void load_image(const std::function<std::span<const std::uint8_t>()>& read, const EncodeOptions& options,
                const PreprocessConfig& config, std::span<float> pixel_values, ImageResult& result);

/// image_features [images, embed_dim] of images that are loaded, one at least, in one call of the encoder.
/// Throws Error (kModel).
Matrix encode_together(const ImageEncoder& encoder, std::span<const std::span<const float>> images,
                       const EncodeOptions& options);

}  // namespace clipcls
