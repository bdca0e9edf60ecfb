#include "model/model_config.h"

#include <algorithm>
#include <system_error>

#include "clipcls/error.h"
#include "folder_architecture.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr const char* kImportable =
    ": is a checkpoint of transformers or open_clip, not a model folder; clipcls model import makes one from "
    "it";
// Far above any model. Memory is taken for these sizes, so a hostile file must not name any.
constexpr std::int64_t kMaxImageSize = 4096;
constexpr std::int64_t kMaxContextLength = 4096;
constexpr std::int64_t kMaxVocabSize = 1 << 24;
constexpr std::int64_t kMaxEmbedDim = 1 << 16;

PreprocessConfig read_image_config(const JsonFields& fields) {
  PreprocessConfig image;
  image.image_size = static_cast<int>(fields.integer("size", 1, kMaxImageSize));
  image.image_mean = fields.three_numbers("mean");
  image.image_std = fields.three_numbers("std");
  for (const float value : image.image_std) {
    if (value == 0) fields.fail("std", "has a zero, and pixels are divided by it");
  }
  image.interpolation = fields.choice<Interpolation>(
      "interpolation", {{"bicubic", Interpolation::kBicubic}, {"bilinear", Interpolation::kBilinear}});
  image.resize_mode = fields.choice<ResizeMode>("resize_mode", resize_mode_words());
  image.crop_rounds_down = fields.boolean_or("crop_rounds_down", false);
  return image;
}

TextConfig read_text_config(const JsonFields& fields) {
  TextConfig text;
  text.context_length = static_cast<std::size_t>(fields.integer("context_length", 2, kMaxContextLength));
  text.vocab_size = fields.integer("vocab_size", 1, kMaxVocabSize);
  // Ids index the table of token embeddings, which has vocab_size rows.
  text.sot_token_id = fields.integer("sot_token_id", 0, text.vocab_size - 1);
  text.eot_token_id = fields.integer("eot_token_id", 0, text.vocab_size - 1);
  text.pad_token_id = fields.integer("pad_token_id", 0, text.vocab_size - 1);
  if (fields.has("text_clean"))
    text.cleaning = fields.choice<TextCleaning>("text_clean", text_cleaning_words());
  return text;
}

std::vector<std::string> read_prompt_templates(const JsonFields& fields) {
  const json& value = fields.at("prompt_templates");
  const auto is_template = [](const json& item) {
    if (!item.is_string()) return false;
    const auto& text = item.get_ref<const std::string&>();
    // One prompt a line, as in a file of templates.
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return false;
    const std::size_t position = text.find("{}");
    return position != std::string::npos && text.find("{}", position + 1) == std::string::npos;
  };
  if (!value.is_array() || value.empty() || !std::all_of(value.begin(), value.end(), is_template)) {
    fields.fail("prompt_templates",
                "is " + show_json(value) + ", expected a list of lines of text with one {} each");
  }
  return value.get<std::vector<std::string>>();
}

}  // namespace

ModelConfig read_model_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  std::error_code ignored;
  // Two mistakes that are easily made, a checkpoint in place of a model folder, have a message of their own.
  if (!std::filesystem::exists(path, ignored) &&
      std::filesystem::exists(folder / "open_clip_config.json", ignored)) {
    throw Error(ErrorKind::kModel, folder.string() + kImportable);
  }
  const json root =
      parse_json_file(path, ErrorKind::kModel, "a model folder has a config.json and its two encoders");
  const JsonFields fields(root, path.string(), ErrorKind::kModel);
  if (!fields.has("format_version") && (fields.has("model_type") || fields.has("model_cfg"))) {
    throw Error(ErrorKind::kModel, folder.string() + kImportable);
  }

  // The version before all else: of another one no field need mean what it means here.
  const std::int64_t version = fields.integer("format_version", 1, 1 << 20);
  if (version > kNewestFormatVersion) {
    fields.fail("format_version",
                "is " + std::to_string(version) + ", and this clipcls reads versions up to " +
                    std::to_string(kNewestFormatVersion) +
                    "; use a newer clipcls, or import or export the model again with this one");
  }
  ModelConfig config;
  config.name = fields.text("name");
  config.description = fields.optional_text("description");
  config.source = fields.optional_text("source");
  config.torch_version = fields.optional_text("torch_version");
  config.license = fields.optional_text("license");
  config.embed_dim = static_cast<std::size_t>(fields.integer("embed_dim", 1, kMaxEmbedDim));
  // CLIP's parameter of that name is the logarithm. Here it is the multiplier, which zero or less cannot be.
  if (fields.number("logit_scale") <= 0)
    fields.fail("logit_scale", "is not above zero; it is the multiplier, such as 100.0");
  config.logit_scale = fields.number("logit_scale", 0, kMaxLogit);
  if (fields.has("logit_bias")) config.logit_bias = fields.number("logit_bias", -kMaxLogit, kMaxLogit);
  config.activation = fields.choice<Activation>(
      "activation", {{"softmax", Activation::kSoftmax}, {"sigmoid", Activation::kSigmoid}});
  config.image = read_image_config(fields.object("image"));
  config.text = read_text_config(fields.object("text"));
  config.prompt_templates = read_prompt_templates(fields);
  config.architecture = read_architecture(fields, config);
  const ModelArchitecture& built = config.architecture;
  if (built.builds_image_encoder) config.image_architecture = describe_image_encoder(built.clip);
  if (built.builds_text_encoder) config.text_architecture = describe_text_encoder(built.clip);
  if (fields.has("architecture")) {
    // Of TorchScript it is a line for people alone: nothing is computed from it.
    const JsonFields architecture = fields.object("architecture");
    if (!built.builds_image_encoder) config.image_architecture = architecture.optional_text("image");
    if (!built.builds_text_encoder) config.text_architecture = architecture.optional_text("text");
  }
  return config;
}

}  // namespace clipcls
