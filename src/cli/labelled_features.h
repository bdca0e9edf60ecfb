#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/flags/library_options.h"
#include "cli/labelled_images.h"
#include "clipcls/matrix.h"
#include "clipcls/model/clip_model.h"

namespace clipcls {

/// Image features of labelled images. Those that could not be read are left out.
struct LabelledFeatures {
  std::vector<std::size_t> images;  ///< [num_rows]: index into LabelledImages, rising
  Matrix features;                  ///< [num_rows, embed_dim], unit rows
  std::size_t num_failed = 0;
};

/// Encodes `images`, or takes their features from `feature_folder` where that is not empty. Reports what
/// fails on standard error unless `is_silent`. Throws Error (kModel, kFeatures), and (kUsage) when no image
/// is left.
LabelledFeatures encode_labelled_images(const LabelledImages& images, ClipModel& model,
                                        const ImageOptions& options, const std::string& feature_folder,
                                        bool is_silent);

}  // namespace clipcls
