#pragma once

#include <filesystem>
#include <string>

#include "clipcls/model/model_config.h"
#include "clipcls/text/tokenizer.h"

namespace clipcls {

/// The folder of --model; without one that of $CLIPCLS_MODEL, else the embedded model's. Throws Error
/// (kModel).
std::filesystem::path find_model_folder(const std::string& model);

/// The folder's own merges.txt, else CLIP's vocabulary. Throws Error (kModel) when its ids are not those of
/// `text`.
Tokenizer load_tokenizer(const std::filesystem::path& folder, const TextConfig& text);

}  // namespace clipcls
