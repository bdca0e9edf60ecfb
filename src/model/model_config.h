#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/clip_architecture.h"
#include "image/preprocess.h"
#include "text/text_cleaning.h"

namespace clipcls {

/// How logits become scores: CLIP is trained with a softmax over the labels, SigLIP with a sigmoid for each.
enum class Activation { kSoftmax, kSigmoid };

/// What the text encoder expects; read from config.json.
struct TextConfig {
  std::size_t context_length = 77;  ///< most token ids a prompt may have, start and end token included
  std::int64_t vocab_size = 49408;
  std::int64_t sot_token_id = 49406;  ///< that of the end token where there is no start token
  std::int64_t eot_token_id = 49407;
  std::int64_t pad_token_id = 0;
  /// What the source of the model does with a text before its tokenizer. There: that one is the folder's
  /// tokenizer.bin. Otherwise it is CLIP's, which cleans texts itself.
  std::optional<TextCleaning> cleaning = std::nullopt;
};

/// The encoders that are built here from weights; in a model folder, the field `architecture` of config.json
/// describes them. What it does not describe is a TorchScript archive.
struct ModelArchitecture {
  ClipArchitecture
      clip;  ///< of those two that are built; with the sizes that other fields of config.json say
  bool builds_image_encoder = false;
  bool builds_text_encoder = false;
};

/// The largest logit_scale that is accepted, and the limit of logit_bias to both sides. Real ones end at 200;
/// beyond this, the exponential of a logit is zero or no number.
inline constexpr double kMaxLogit = 1e6;

/// The model folder's config.json, field by field (models/README.md describes them).
struct ModelConfig {
  std::string name;
  std::string description;    ///< one line for people
  std::string source;         ///< where the weights come from
  std::string torch_version;  ///< of the torch that wrote the archives
  std::string license;
  std::size_t embed_dim = 0;
  /// The multiplier of the cosine, already exponentiated (100.0 for OpenAI's models); CLIP's parameter of
  /// the same name is its logarithm.
  double logit_scale = 0;
  std::optional<double> logit_bias;  ///< added to the scaled cosine; SigLIP only
  Activation activation = Activation::kSoftmax;
  PreprocessConfig image;
  TextConfig text;
  std::vector<std::string> prompt_templates;  ///< each with one {}; used when the user gives none
  ModelArchitecture architecture;
  std::string image_architecture;  ///< one line for people: "VisionTransformer, 12 layers, …"; may be empty
  std::string text_architecture;   ///< likewise
};

/// Whether the text encoder computes every position of its context, whatever a prompt's length: SigLIP's,
/// whose padding counts.
inline bool fills_context(const ModelConfig& config) {
  return config.architecture.builds_text_encoder &&
         config.architecture.clip.text_tower == TextTower::kTextTransformer &&
         config.architecture.clip.end_token_rule == EndTokenRule::kLastPosition;
}

/// Reads and checks `folder`/config.json.
/// Throws Error (kModel) that names the file, the field, its value and what would be right.
ModelConfig read_model_config(const std::filesystem::path& folder);

}  // namespace clipcls
