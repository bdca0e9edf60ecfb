#pragma once

#include <cstdint>
#include <new>
#include <span>

#include "pipeline/encode_images.h"

namespace clipcls {

/// Decodes a picture and writes what the image encoder takes, [3, image_size, image_size], to `pixel_values`.
/// Returns the picture; `result` gets its notes. Throws Error.
RgbImage load_pixel_values(std::span<const std::uint8_t> bytes, const EncodeOptions& options,
                           const PreprocessConfig& config, std::span<float> pixel_values,
                           ImageResult& result);

/// Calls `load`; what goes wrong with a picture is its own result, and no other's.
template <typename Load>
void note_failure(ImageResult& result, const Load& load) {
  try {
    load();
  } catch (const Error& error) {
    result.error = error;
  } catch (const std::bad_alloc&) {
    result.error = Error(ErrorKind::kTooLarge, "takes more memory than there is; lower `max_megapixels`");
  }
}

}  // namespace clipcls
