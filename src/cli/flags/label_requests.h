#pragma once

#include <filesystem>

#include "cli/flags/library_options.h"
#include "clipcls/model/clip_model.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// What the flags say of labels: reads the label, template and calibration files. A label that is given
/// twice, by file, flag or both, counts once, which is warned of. Throws Error (kLabels, kUsage).
LabelRequest make_label_request(const LabelOptions& options);

/// The same with labels that are given twice in their places: for who lists them.
LabelRequest make_label_request_as_given(const LabelOptions& options);

/// The same without labels: what the flags say of any.
LabelRequest make_request_without_labels(const LabelOptions& options);

/// How the flags have labels embedded for `model`, which came from `path` and must outlive the result.
LabelEmbedding make_label_embedding(const LabelOptions& options, const std::filesystem::path& path,
                                    const ClipModel& model);

}  // namespace clipcls
