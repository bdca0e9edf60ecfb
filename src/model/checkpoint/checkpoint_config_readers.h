#pragma once

#include "checkpoint_config.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "json/write_json.h"

namespace clipcls {

// Bounds of what a configuration may ask for; config.json of a model folder has the same.
inline constexpr std::int64_t kMaxConfigSide = 4096;
inline constexpr std::int64_t kMaxContext = 4096;
inline constexpr std::int64_t kMaxVocabulary = 1 << 24;
inline constexpr std::int64_t kMaxWidth = 1 << 16;
inline constexpr std::int64_t kMaxLayers = 1000;

/// The end of messages about models that are CLIPs of another kind.
inline constexpr const char* kNotImported =
    ", which is not imported; scripts/export_torchscript.py may export the model";

/// The epsilon of layer norms: above 0 and below 1.
double read_layer_norm_eps(const JsonFields& fields, const std::string& name);

/// A side of a picture or patch: a number, or two equal ones.
std::int64_t read_side(const JsonFields& fields, const std::string& name, std::int64_t otherwise);

/// `root` has model_cfg, or is a model_cfg itself.
CheckpointConfig read_open_clip_config(const JsonFields& root);

CheckpointConfig read_transformers_config(const JsonFields& root);

/// transformers' SiglipConfig.
CheckpointConfig read_siglip_config(const JsonFields& root);

/// transformers' ChineseCLIPConfig.
CheckpointConfig read_chinese_clip_config(const JsonFields& root);

/// open_clip's text_cfg with a `hf_model_name`.
TextRules read_bert_text(const JsonFields& fields, ClipArchitecture& architecture);

/// The `clean` of tokenizer_kwargs, for open_clip's HFTokenizer.
TextCleaning read_tokenizer_cleaning(const JsonFields& text);

/// `fields`: of one tower of transformers; what is missing is as in `defaults`.
TransformerShape read_transformers_tower(const JsonFields& fields, const TransformerShape& defaults);

/// What transformers' image processor for these models does unless its file says otherwise:
/// CLIPImageProcessor, or SiglipImageProcessor.
PreprocessConfig default_preprocessor(const ClipArchitecture& architecture);

/// transformers' image processor, whose pictures must come out as large as `otherwise` says. The file names
/// the class whose defaults hold; where it names none, those of `otherwise` do.
PreprocessConfig read_transformers_preprocessor(const JsonFields& fields, const PreprocessConfig& otherwise);

/// Fills in what open_clip's `timm_model_name` means. Throws Error (kModel) that names the field where it is
/// not built here.
void read_timm_tower(const JsonFields& vision, ClipArchitecture& architecture);

/// The field layers of a ModifiedResNet: four numbers of bottlenecks.
void read_resnet_stages(const JsonFields& fields, ClipArchitecture& architecture);

/// What every configuration has to keep: heads that divide the width, patches that divide the picture, an
/// MLP. Throw Error (kModel) that begins with `place`.
void check_image_architecture(const ClipArchitecture& architecture, const std::string& place);
void check_text_architecture(const ClipArchitecture& architecture, const std::string& place);

}  // namespace clipcls
