#pragma once

#include <filesystem>
#include <string>

#include "model/clip_model.h"

namespace clipcls {

/// "ViT-B-32", or its name and description where there is one: "everyday: knows 110 kinds of …".
std::string about_model(const ModelConfig& config);

/// What the model computes in, what that costs where the processor lacks it, and what --precision auto would
/// be here, for --verbose.
std::string describe_precision(const ClipModel& model);

/// Says on standard error which model it is, where it lies, and describe_precision().
void print_model(const std::filesystem::path& path, const ClipModel& model);

/// On a terminal, says on standard error what the bundled model knows and how to get a larger one, where
/// nothing else was chosen by `asked`, what --model says.
void introduce_bundled_model(const std::string& asked, const ClipModel& model);

/// What the percentages of a sigmoid are, which users take for a mistake.
inline constexpr const char* kAboutSigmoid =
    "each label is scored by itself, so that percentages do not add up to 100";

/// On a terminal, says that on standard error.
void explain_sigmoid();

/// Says on standard error of each encoder that ran whether it was optimised.
void print_encoders(const ClipModel& model);

}  // namespace clipcls
