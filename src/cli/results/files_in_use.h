#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "cli/flags/planned_runs.h"
#include "cli/program.h"
#include "clipcls/files/output_target.h"
#include "evaluation/labelled_images.h"

namespace clipcls {

// The files that a run reads, so that it writes none of them. Pictures of folders and lists are known when
// they are met (see open_images).

/// `model`: what find_model() found.
FilesInUse files_in_use(const ImageOptions& options, const std::filesystem::path& model);
FilesInUse files_in_use(const LabelOptions& options, const std::filesystem::path& model);
FilesInUse files_in_use(const ClassifyOptions& options, const std::filesystem::path& model);

/// Where the results of classifying go, which are none of those files.
OutputTarget results_target(const ClassifyOptions& options, const std::filesystem::path& model);

/// Of eval and calibrate: `runs` on the `images` of `source`.
FilesInUse files_in_use(std::span<const PlannedRun> runs, const LabelledImages& images,
                        const std::string& source, const std::string& image_features);

}  // namespace clipcls
