#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clipcls/model/clip_model.h"
#include "clipcls/model/precision.h"
#include "clipcls/text/tokenizer.h"

namespace clipcls {

/// What --model names: an existing folder or file, else the model of that name (model_folders.h). Without it
/// what $CLIPCLS_MODEL names, else the embedded model's folder. Throws Error (kModel) that says where it was
/// looked for.
std::filesystem::path find_model(const std::string& model);

/// The same where only a folder will do. Throws Error (kModel).
std::filesystem::path find_model_folder(const std::string& model);

/// Loads `model`: a folder, or a TorchScript archive that OpenAI published. Throws Error (kModel).
std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options);

/// What the model computes in, what that costs where the processor lacks it, and what --precision auto would
/// be here, for --verbose.
std::string describe_precision(const ClipModel& model);

/// Whether an encoder runs optimised, with what was done or why not.
std::string describe_encoder(const EncoderState& encoder);

/// The folder's own merges.txt, else CLIP's vocabulary. Throws Error (kModel) when its ids are not those of
/// `text`.
Tokenizer load_tokenizer(const std::filesystem::path& model, const TextConfig& text);

}  // namespace clipcls
