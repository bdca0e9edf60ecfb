#include "pipeline/load_and_encode.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <vector>

#include "image/preprocess.h"
#include "image/thumbnail.h"

namespace clipcls {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

/// The images one behind the other: in `memory`, where they do not lie so.
std::span<const float> join(std::span<const std::span<const float>> images, std::vector<float>& memory) {
  const std::size_t num_values = images.size() * images.front().size();
  const auto gap = std::ranges::adjacent_find(
      images, [](const auto& image, const auto& next) { return image.data() + image.size() != next.data(); });
  // Those of a run lie so in their batch's memory, unless one between them has failed.
  if (gap == images.end()) return {images.front().data(), num_values};
  memory.reserve(num_values);
  for (const std::span<const float> image : images) memory.insert(memory.end(), image.begin(), image.end());
  return memory;
}

}  // namespace

void load_image(const std::function<std::span<const std::uint8_t>()>& read, const EncodeOptions& options,
                const PreprocessConfig& config, std::span<float> pixel_values, ImageResult& result) {
  const Clock::time_point start = Clock::now();
  try {
    DecodeOptions decode = options.decode;
    // Twice the model's size, so that the resize behind it still averages over several pixels.
    if (options.is_draft) decode.draft_side = 2 * config.image_size;
    const RgbImage image = decode_image(read(), decode, &result.notes);
    preprocess(image, config, pixel_values);
    if (options.thumbnail_size > 0) result.thumbnail = make_thumbnail(image, options.thumbnail_size);
  } catch (const Error& error) {
    result.error = error;
  } catch (const std::bad_alloc&) {
    result.error = Error(ErrorKind::kTooLarge, "takes more memory than there is; lower `max_megapixels`");
  } catch (const std::exception& error) {
    result.error = Error(ErrorKind::kUnreadable, error.what());
  }
  if (options.times != nullptr) options.times->loading_nanoseconds += nanoseconds_since(start);
}

Matrix encode_together(const ImageEncoder& encoder, std::span<const std::span<const float>> images,
                       const EncodeOptions& options) {
  const Clock::time_point start = Clock::now();
  std::vector<float> memory;
  Matrix image_features = encoder.encode(join(images, memory), images.size());
  if (options.times != nullptr) options.times->encoding_nanoseconds += nanoseconds_since(start);
  return image_features;
}

}  // namespace clipcls
