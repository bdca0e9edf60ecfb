#pragma once

#include <filesystem>

#include "model/model_config.h"
#include "text/tokenizer.h"

namespace clipcls {

/// The tokenizer of the model at `model`: of the folder's tokenizer.bin where `text` has a cleaning, else of
/// its merges.txt, else with CLIP's vocabulary. Throws Error (kModel) when its ids are not those of `text`.
Tokenizer load_tokenizer(const std::filesystem::path& model, const TextConfig& text);

}  // namespace clipcls
