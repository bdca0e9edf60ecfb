#include "evaluation/labelled_features.h"

#include <algorithm>
#include <unordered_map>

#include "clipcls/error.h"
#include "pipeline/encode_images.h"
#include "pipeline/feature_folder.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

/// The rows of `folder` whose paths are the images'.
LabelledFeatures find_features(const LabelledImages& images, const ClipModel& model,
                               const std::string& path) {
  const FeatureFolder folder(path);
  // Features of another model would give figures, and wrong ones.
  folder.require_model(model);
  // By path and not by order: the folder may hold more pictures, in another order.
  std::unordered_map<std::string, std::size_t> row_of_path;
  for (std::size_t row = 0; row < folder.paths().size(); ++row) row_of_path[folder.paths()[row]] = row;
  LabelledFeatures found;
  found.resize_mode = folder.info().resize_mode;
  found.features = Matrix(images.paths.size(), folder.image_features().cols());
  for (std::size_t i = 0; i < images.paths.size(); ++i) {
    const auto row = row_of_path.find(images.paths[i]);
    if (row == row_of_path.end()) {
      throw Error(ErrorKind::kFeatures, path + ": has no features of " + images.paths[i] +
                                            "; embed the pictures by the paths that they have here");
    }
    std::ranges::copy(folder.image_features().block(row->second, 1), found.features.row(i).begin());
    found.images.push_back(i);
  }
  return found;
}

LabelledFeatures compute_features(const LabelledImages& images, ClipModel& model,
                                  const EncodeOptions& options, const OnMessage& on_failure) {
  LabelledFeatures computed;
  computed.resize_mode = resize_mode_word(preprocess_config(model, options).resize_mode);
  std::size_t next_image = 0;
  const std::unique_ptr<ImageSource> source = make_path_source(images.paths, {});
  encode_images(*source, model, options, [&](const EncodedBatch& batch) {
    for (const ImageResult& result : batch.results) {
      if (!result.error) {
        computed.images.push_back(next_image);
      } else {
        ++computed.num_failed;
        on_failure(result.path + ": " + result.error->what());
      }
      ++next_image;
    }
    computed.features.values.insert(computed.features.values.end(), batch.image_features.values.begin(),
                                    batch.image_features.values.end());
  });
  computed.features.rows = computed.images.size();
  computed.features.cols = model.config().embed_dim;
  return computed;
}

}  // namespace

LabelledFeatures encode_labelled_images(const LabelledImages& images, ClipModel& model,
                                        const EncodeOptions& options, const std::string& feature_folder,
                                        const OnMessage& on_failure) {
  LabelledFeatures result = feature_folder.empty() ? compute_features(images, model, options, on_failure)
                                                   : find_features(images, model, feature_folder);
  if (options.is_fail_fast && result.num_failed > 0)
    throw Error(ErrorKind::kInvalidArgument, "stopped at the first picture that failed");
  if (result.images.empty())
    throw Error(ErrorKind::kInvalidArgument, "no picture could be read: nothing to measure");
  // At once, as all that follows wants directions: means, probes, cosines.
  for (std::size_t row = 0; row < result.features.rows; ++row) normalize_l2(result.features.row(row));
  return result;
}

}  // namespace clipcls
