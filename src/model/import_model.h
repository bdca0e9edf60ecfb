#pragma once

#include <filesystem>
#include <string>

#include "model/model_config.h"

namespace clipcls {

/// In what the weights of a model folder are stored; they are computed in float32 either way.
enum class StoredPrecision { kFloat32, kFloat16 };

/// What an import needs to know besides the source.
struct ImportOptions {
  /// The source's configuration: open_clip's open_clip_config.json or bare model config, or transformers'
  /// config.json. Empty: the one beside the weights. A TorchScript archive takes none.
  std::filesystem::path config;
  StoredPrecision precision = StoredPrecision::kFloat32;
  std::string name;     ///< of config.json; empty: the name of the folder
  std::string source;   ///< of config.json; empty: the name of the source's file
  std::string license;  ///< of config.json; may be empty
};

/// Writes config.json, image_encoder.safetensors and text_encoder.safetensors into `folder`, which exists,
/// and a tokenizer.bin where the tokenizer is not CLIP's; returns what config.json says. `source`: OpenAI's
/// published TorchScript archive; an open_clip checkpoint (safetensors, or a state dict or training
/// checkpoint of torch.save); a transformers CLIPModel or SiglipModel (safetensors, its shards, or
/// torch.save); or a folder with one of the latter two and its configuration. Weights may be float16,
/// bfloat16, float32 or float64. Nothing in a pickle is run. What the architecture is comes from the
/// configuration (from the shapes with OpenAI's archives, as in OpenAI's code), and every tensor is checked
/// against it. Throws Error (kModel) that names the file and the tensor, or the field and its value, and
/// Error (kOutput) where the folder cannot be written; it may then hold some of the files.
ModelConfig write_model_folder(const std::filesystem::path& source, const std::filesystem::path& folder,
                               const ImportOptions& options);

}  // namespace clipcls
