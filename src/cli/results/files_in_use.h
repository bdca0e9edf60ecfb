#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "cli/flags/result_flags.h"
#include "cli/flags/standard_input.h"
#include "files/output_target.h"

namespace clipcls {

/// The files that a run reads, so that it writes none of them: those of `inputs`, and what lies in `model`,
/// as find_model() found it, and in `image_features`, empty where there are none. Pictures of folders and
/// lists are known when they are met (see open_images).
FilesInUse files_in_use(const NamedInputs& inputs, const std::filesystem::path& model,
                        const std::string& image_features = {});

/// Whether a file stays where it is, though it lies beside a photo that is moved and is called like it: it is
/// one of `used`, or belongs to `target`.
std::function<bool(const std::filesystem::path&)> stays_in_place(const FilesInUse& used,
                                                                 const OutputTarget& target);

/// Where the rows of classified images go, which are none of `used`.
OutputTarget results_target(const ResultFlags& flags, const FilesInUse& used);

}  // namespace clipcls
