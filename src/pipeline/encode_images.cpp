#include "clipcls/pipeline/encode_images.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "clipcls/image/preprocess.h"
#include "clipcls/pipeline/image_source.h"

namespace clipcls {
namespace {

/// Reads and prepares one input; what goes wrong with it is its own result.
std::optional<Error> load_pixel_values(const std::string& path, const EncodeOptions& options,
                                       const PreprocessConfig& config, std::span<float> pixel_values) {
  try {
    preprocess(decode_image(read_image_bytes(path), options.decode), config, pixel_values);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kTooLarge, "takes more memory than there is; lower --max-megapixels");
  }
}

}  // namespace

void encode_images(std::span<const std::string> paths, ClipModel& model, const EncodeOptions& options,
                   const std::function<void(EncodedBatch)>& on_batch) {
  const PreprocessConfig& config = model.config().image;
  const std::size_t batch_size = std::min(options.batch_size, paths.size());
  std::vector<float> pixel_values(batch_size * config.num_pixel_values());

  for (std::size_t begin = 0; begin < paths.size(); begin += batch_size) {
    EncodedBatch batch;
    std::size_t num_loaded = 0;  // the images that could be read lie together at the front of pixel_values
    bool has_failed = false;
    for (const std::string& path : paths.subspan(begin, std::min(batch_size, paths.size() - begin))) {
      const std::span<float> values =
          std::span(pixel_values).subspan(num_loaded * config.num_pixel_values(), config.num_pixel_values());
      batch.results.push_back({path, {}, load_pixel_values(path, options, config, values)});
      has_failed = batch.results.back().error.has_value();
      if (!has_failed) ++num_loaded;
      if (has_failed && options.is_fail_fast) break;
    }
    if (num_loaded > 0) {
      batch.image_features = model.encode_image(
          std::span(pixel_values).first(num_loaded * config.num_pixel_values()), num_loaded);
    }
    on_batch(std::move(batch));
    if (has_failed && options.is_fail_fast) return;
  }
}

}  // namespace clipcls
