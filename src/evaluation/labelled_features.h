#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/on_message.h"
#include "evaluation/labelled_images.h"
#include "model/clip_model.h"
#include "pipeline/encode_images.h"

namespace clipcls {

/// Image features of labelled images. Those that could not be read are left out.
struct LabelledFeatures {
  std::vector<std::size_t> images;  ///< [num_rows]: index into LabelledImages, rising
  Matrix features;                  ///< [num_rows, embed_dim], unit rows
  std::size_t num_failed = 0;
  std::string resize_mode{};  ///< that the images were given; empty: not known
};

/// Encodes `images`, or takes their features from `feature_folder` where that is not empty. `on_failure`
/// hears of each image that cannot be read. Throws Error (kModel, kFeatures), and (kInvalidArgument) when no
/// image is left, or one failed and `options` stop at the first.
LabelledFeatures encode_labelled_images(const LabelledImages& images, ClipModel& model,
                                        const EncodeOptions& options, const std::string& feature_folder,
                                        const OnMessage& on_failure);

}  // namespace clipcls
