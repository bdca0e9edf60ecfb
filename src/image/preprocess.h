#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "image/image.h"
#include "image/resize.h"

namespace clipcls {

/// How a picture becomes a square of image_size.
enum class ResizeMode {
  kShortest,  ///< the shorter side becomes image_size, then the centre is cropped
  kSquash,    ///< both sides do, whatever the proportions
  kPad,       ///< the longer side does, with black bars on both sides: open_clip's "longest"
};

/// The modes by open_clip's words, which config.json has, too.
const std::map<std::string, ResizeMode>& resize_mode_words();
std::string resize_mode_word(ResizeMode mode);

/// How a model wants its pictures; read from its config.json. The defaults are OpenAI's.
struct PreprocessConfig {
  int image_size = 224;  ///< side of the square input, pixels
  std::array<float, 3> image_mean = {0.48145466F, 0.4578275F, 0.40821073F};
  std::array<float, 3> image_std = {0.26862954F, 0.26130258F, 0.27577711F};
  Interpolation interpolation = Interpolation::kBicubic;
  ResizeMode resize_mode = ResizeMode::kShortest;
  /// An odd margin has half a pixel too many. False: the crop begins at the even pixel beside it, as in
  /// torchvision; true: at the one before it, as in transformers.
  bool crop_rounds_down = false;

  /// Floats that one picture takes: 3 * image_size * image_size.
  std::size_t num_pixel_values() const {
    return 3 * static_cast<std::size_t>(image_size) * static_cast<std::size_t>(image_size);
  }
};

/// Resize and centre crop, or bars, alone, in 8 bit: [image_size, image_size, 3]. Sizes and offsets are
/// rounded as torchvision's Resize and CenterCrop and open_clip's ResizeKeepRatio and CenterCropOrPad do, or
/// as transformers' image processors do (crop_rounds_down), and so it is bit-exact with them on a Pillow RGB
/// image. (Where open_clip fails as nothing is left of the shorter side, one row is.) Only what the crop
/// needs is computed, so that a 1 x 5000 picture takes no more memory than a square one.
RgbImage resize_and_crop(const RgbImage& image, const PreprocessConfig& config);

/// The whole chain: resize, crop, (value / 255 - mean) / std in float, as planes; equal to torchvision's
/// ToTensor and Normalize to the last bit. `pixel_values`: [3, image_size, image_size] floats, exactly
/// config.num_pixel_values(). The picture is RGB before it is resized, as in transformers; open_clip and
/// openai/CLIP convert after the crop, which gives other pixels for pictures with a palette, alpha or four
/// inks. Throws Error (kInvalidArgument) when the buffer has another size or the picture has no pixels.
void preprocess(const RgbImage& image, const PreprocessConfig& config, std::span<float> pixel_values);

}  // namespace clipcls
