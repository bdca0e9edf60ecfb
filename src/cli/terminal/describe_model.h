#pragma once

#include <filesystem>
#include <string>

#include "model/clip_model.h"

namespace clipcls {

/// What the model computes in, what that costs where the processor lacks it, and what --precision auto would
/// be here, for --verbose.
std::string describe_precision(const ClipModel& model);

/// Says on standard error which model it is, where it lies, and describe_precision().
void print_model(const std::filesystem::path& path, const ClipModel& model);

/// Says on standard error of each encoder that ran whether it was optimised.
void print_encoders(const ClipModel& model);

}  // namespace clipcls
