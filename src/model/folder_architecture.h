#pragma once

#include <filesystem>

#include "json/json_fields.h"
#include "model/model_config.h"

namespace clipcls {

/// Of config.json: in version 1, the oldest, both encoders are TorchScript. From version 3 on there may be a
/// tokenizer.bin.
inline constexpr int kNewestFormatVersion = 3;
/// What is written where there is none, so that older programs read the folder.
inline constexpr int kFormatVersionOfClip = 2;

/// What texts are cleaned as, by the words of `text.text_clean`.
const std::map<std::string, TextCleaning>& text_cleaning_words();

/// Reads the field `architecture` of `root`, a config.json of a known version, whose other fields `config`
/// has. Throws Error (kModel) that names the field, its value and what would be right. Sizes are bounded, as
/// shapes are computed from them.
ModelArchitecture read_architecture(const JsonFields& root, const ModelConfig& config);

/// What `architecture.image` and `architecture.text` of config.json say of such encoders.
nlohmann::ordered_json image_encoder_fields(const ClipArchitecture& architecture);
nlohmann::ordered_json text_encoder_fields(const ClipArchitecture& architecture);

/// Where the encoders of a model folder lie.
struct EncoderFiles {
  std::filesystem::path image;
  std::filesystem::path text;
};
EncoderFiles encoder_files(const std::filesystem::path& folder, const ModelArchitecture& architecture);

/// Throws Error (kModel) unless there is a file of that name.
void require_encoder_file(const std::filesystem::path& file);

}  // namespace clipcls
