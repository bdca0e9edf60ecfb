#include "model_config_writer.h"

#include "folder_architecture.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

ordered_json three_numbers(const std::array<float, 3>& values) {
  ordered_json numbers = ordered_json::array();
  // 0.48145466 and not 0.4814546704292297: the number that OpenAI's code has, and the same float.
  for (const float value : values) numbers.push_back(shortest_decimal(value));
  return numbers;
}

}  // namespace

void write_model_config(const ModelConfig& config, const std::filesystem::path& folder) {
  const ClipArchitecture& architecture = config.architecture.clip;
  ordered_json root;
  root["format_version"] = config.text.cleaning ? kNewestFormatVersion : kFormatVersionOfClip;
  root["name"] = config.name;
  root["license"] = config.license;
  root["source"] = config.source;
  root["torch_version"] = config.torch_version;
  root["architecture"] = {{"image", image_encoder_fields(architecture)},
                          {"text", text_encoder_fields(architecture)}};
  root["embed_dim"] = config.embed_dim;
  root["logit_scale"] = config.logit_scale;
  root["logit_bias"] = config.logit_bias ? ordered_json(*config.logit_bias) : ordered_json();
  root["activation"] = config.activation == Activation::kSoftmax ? "softmax" : "sigmoid";
  const PreprocessConfig& image = config.image;
  root["image"] = {{"size", image.image_size},
                   {"mean", three_numbers(image.image_mean)},
                   {"std", three_numbers(image.image_std)},
                   {"interpolation", image.interpolation == Interpolation::kBicubic ? "bicubic" : "bilinear"},
                   {"resize_mode", resize_mode_word(image.resize_mode)}};
  if (image.crop_rounds_down) root["image"]["crop_rounds_down"] = true;
  root["text"] = {{"context_length", config.text.context_length},
                  {"vocab_size", config.text.vocab_size},
                  {"sot_token_id", config.text.sot_token_id},
                  {"eot_token_id", config.text.eot_token_id},
                  {"pad_token_id", config.text.pad_token_id}};
  if (config.text.cleaning) {
    for (const auto& [word, cleaning] : text_cleaning_words()) {
      if (cleaning == *config.text.cleaning) root["text"]["text_clean"] = word;
    }
  }
  root["prompt_templates"] = config.prompt_templates;
  write_json_lines(root, folder / "config.json");
}

}  // namespace clipcls
