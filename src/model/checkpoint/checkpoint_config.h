#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "clip_architecture.h"
#include "image/preprocess.h"
#include "text/text_cleaning.h"

namespace clipcls {

/// Whose names the tensors of a checkpoint have.
enum class CheckpointFormat { kOpenClip, kTransformers };

/// What the library of a checkpoint does with a text, where its tokenizer is not CLIP's.
struct TextRules {
  TextCleaning cleaning = TextCleaning::kNone;
  /// transformers' tokenizer for the model makes it lower case, whatever its tokenizer.json says: as
  /// SiglipTokenizer and Siglip2Tokenizer do.
  bool is_siglip = false;
  std::string template_text = "This is a photo of {}.";  ///< the default, as in transformers' pipeline
};

/// What the configuration beside a checkpoint says.
struct CheckpointConfig {
  CheckpointFormat format = CheckpointFormat::kOpenClip;
  bool has_timm_image_tower = false;  ///< open_clip's, with timm's names behind "visual.trunk."
  ClipArchitecture architecture;
  PreprocessConfig image;
  std::optional<TextRules> text;  ///< nothing: the tokenizer is CLIP's
  bool has_logit_bias = false;    ///< trained with a sigmoid; open_clip only
};

/// Reads `path`: open_clip's open_clip_config.json, one of its bare model configs (ViT-B-32-quickgelu.json),
/// or transformers' config.json, beside which its preprocessor_config.json is looked for. Throws Error
/// (kModel) that names the file, the field and its value where the model has a part that is not built here.
CheckpointConfig read_checkpoint_config(const std::filesystem::path& path);

}  // namespace clipcls
