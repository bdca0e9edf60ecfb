#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "image/image.h"
#include "image/resize.h"

namespace clipcls {

/// kShortest: the shorter side becomes image_size, then the centre is cropped. kSquash: both sides do.
enum class ResizeMode { kShortest, kSquash };

/// How a model wants its pictures; read from its config.json. The defaults are OpenAI's.
struct PreprocessConfig {
  int image_size = 224;  ///< side of the square input, pixels
  std::array<float, 3> image_mean = {0.48145466F, 0.4578275F, 0.40821073F};
  std::array<float, 3> image_std = {0.26862954F, 0.26130258F, 0.27577711F};
  Interpolation interpolation = Interpolation::kBicubic;
  ResizeMode resize_mode = ResizeMode::kShortest;

  /// Floats that one picture takes: 3 * image_size * image_size.
  std::size_t num_pixel_values() const {
    return 3 * static_cast<std::size_t>(image_size) * static_cast<std::size_t>(image_size);
  }
};

/// Resize and centre crop alone, in 8 bit: [image_size, image_size, 3]. Sizes and offsets are rounded as
/// torchvision's Resize and CenterCrop do, and so it is bit-exact with them on a Pillow RGB image.
/// (transformers rounds the crop's offset down instead of to even: a pixel beside it for one odd margin in
/// two.) Only what the crop needs is computed, so that a 1 x 5000 picture takes no more memory than a square
/// one.
RgbImage resize_and_crop(const RgbImage& image, const PreprocessConfig& config);

/// The whole chain: resize, crop, (value / 255 - mean) / std in float, as planes; equal to torchvision's
/// ToTensor and Normalize to the last bit. `pixel_values`: [3, image_size, image_size] floats, exactly
/// config.num_pixel_values(). The picture is RGB before it is resized, as in transformers; open_clip and
/// openai/CLIP convert after the crop, which gives other pixels for pictures with a palette, alpha or four
/// inks. Throws Error (kInvalidArgument) when the buffer has another size or the picture has no pixels.
void preprocess(const RgbImage& image, const PreprocessConfig& config, std::span<float> pixel_values);

}  // namespace clipcls
