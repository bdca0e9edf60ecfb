#pragma once

#include <filesystem>
#include <memory>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// Loads one of the TorchScript archives that OpenAI publishes (RN50, RN101, RN50x4, RN50x16, RN50x64,
/// ViT-B/32, ViT-B/16, ViT-L/14, ViT-L/14@336px), as it is published and without Python. The archive's own
/// graphs are never run: they were traced on a GPU in half precision and hold its name in their code. Its
/// weights are read by name, the architecture is inferred from their shapes as OpenAI's build_model does, and
/// our own encoders compute with them in float32. The config says what OpenAI's code has in it: CLIP's
/// vocabulary, OpenAI's preprocessing, the prompt template "a photo of a {}.", and the file's own
/// logit_scale. Throws Error (kModel) that names the file,
/// and the tensor where one is missing or has another shape.
std::unique_ptr<ClipModel> load_openai_archive(const std::filesystem::path& path,
                                               const LoadOptions& options = {});

}  // namespace clipcls
