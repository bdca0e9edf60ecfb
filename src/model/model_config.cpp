#include "clipcls/model/model_config.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr std::int64_t kMaxImageSize = 4096;
constexpr std::int64_t kMaxContextLength = 4096;
constexpr std::int64_t kMaxVocabSize = 1 << 24;
constexpr std::int64_t kMaxEmbedDim = 1 << 16;

/// One JSON object of the file, with the place that errors name: "DIR/config.json: field image.size".
class Fields {
 public:
  Fields(const json& object, std::string place, std::string prefix)
      : object_(object), place_(std::move(place)), prefix_(std::move(prefix)) {}

  [[noreturn]] void fail(const std::string& name, const std::string& problem) const {
    throw Error(ErrorKind::kModel, place_ + ": field " + prefix_ + name + " " + problem);
  }

  const json& at(const std::string& name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) fail(name, "is missing");
    return *found;
  }

  bool has(const std::string& name) const { return object_.contains(name) && !object_.at(name).is_null(); }

  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const {
    const json& value = at(name);
    const std::string range = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
    if (!value.is_number_integer()) fail(name, "is " + value.dump() + ", not " + range);
    // A number above the range of int64 would wrap to a negative one, which the range check then refuses.
    const auto number = value.get<std::int64_t>();
    if (number < low || number > high) fail(name, "is " + value.dump() + ", not " + range);
    return number;
  }

  double number(const std::string& name) const { return finite(at(name), name); }

  double finite(const json& value, const std::string& name) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      fail(name, "is " + value.dump() + ", not a number");
    }
    return value.get<double>();
  }

  std::string text(const std::string& name) const {
    const json& value = at(name);
    if (!value.is_string()) fail(name, "is " + value.dump() + ", not a text");
    return value.get<std::string>();
  }

  std::string optional_text(const std::string& name) const { return has(name) ? text(name) : std::string(); }

  std::array<float, 3> three_numbers(const std::string& name) const {
    const json& value = at(name);
    if (!value.is_array() || value.size() != 3) fail(name, "is " + value.dump() + ", not three numbers");
    std::array<float, 3> numbers{};
    for (std::size_t channel = 0; channel < numbers.size(); ++channel) {
      numbers[channel] = static_cast<float>(finite(value[channel], name));
    }
    return numbers;
  }

  Fields object(const std::string& name) const {
    const json& value = at(name);
    if (!value.is_object()) fail(name, "is " + value.dump() + ", not an object");
    return {value, place_, prefix_ + name + "."};
  }

  template <typename Value>
  Value choice(const std::string& name, const std::map<std::string, Value>& choices) const {
    const std::string word = text(name);
    const auto found = choices.find(word);
    if (found != choices.end()) return found->second;
    std::string allowed;
    for (const auto& [choice, value] : choices) allowed += (allowed.empty() ? "" : " or ") + choice;
    fail(name, "is \"" + word + "\", not " + allowed);
  }

 private:
  const json& object_;
  std::string place_;
  std::string prefix_;
};

PreprocessConfig read_image_config(const Fields& fields) {
  PreprocessConfig image;
  image.image_size = static_cast<int>(fields.integer("size", 1, kMaxImageSize));
  image.image_mean = fields.three_numbers("mean");
  image.image_std = fields.three_numbers("std");
  for (const float value : image.image_std) {
    if (value == 0) fields.fail("std", "has a zero, and pixels are divided by it");
  }
  image.interpolation = fields.choice<Interpolation>(
      "interpolation", {{"bicubic", Interpolation::kBicubic}, {"bilinear", Interpolation::kBilinear}});
  image.resize_mode = fields.choice<ResizeMode>(
      "resize_mode", {{"shortest", ResizeMode::kShortest}, {"squash", ResizeMode::kSquash}});
  return image;
}

TextConfig read_text_config(const Fields& fields) {
  TextConfig text;
  text.context_length = static_cast<std::size_t>(fields.integer("context_length", 2, kMaxContextLength));
  text.vocab_size = fields.integer("vocab_size", 1, kMaxVocabSize);
  text.sot_token_id = fields.integer("sot_token_id", 0, text.vocab_size - 1);
  text.eot_token_id = fields.integer("eot_token_id", 0, text.vocab_size - 1);
  text.pad_token_id = fields.integer("pad_token_id", 0, text.vocab_size - 1);
  return text;
}

std::vector<std::string> read_prompt_templates(const Fields& fields) {
  const json& value = fields.at("prompt_templates");
  const auto has_one_placeholder = [](const json& item) {
    if (!item.is_string()) return false;
    const auto& text = item.get_ref<const std::string&>();
    const std::size_t position = text.find("{}");
    return position != std::string::npos && text.find("{}", position + 1) == std::string::npos;
  };
  if (!value.is_array() || value.empty() || !std::all_of(value.begin(), value.end(), has_one_placeholder)) {
    fields.fail("prompt_templates", "is " + value.dump() + ", not a list of texts with one {} each");
  }
  return value.get<std::vector<std::string>>();
}

json parse_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    throw Error(ErrorKind::kModel, path.string() +
                                       ": cannot be read; a model folder has a config.json, an "
                                       "image_encoder.pt and a text_encoder.pt");
  }
  try {
    return json::parse(file);
  } catch (const json::parse_error& error) {
    throw Error(ErrorKind::kModel,
                path.string() + ": is not valid JSON at byte " + std::to_string(error.byte));
  }
}

}  // namespace

ModelConfig read_model_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  const json root = parse_file(path);
  if (!root.is_object()) throw Error(ErrorKind::kModel, path.string() + ": is not a JSON object");
  const Fields fields(root, path.string(), "");

  if (fields.integer("format_version", 1, 1 << 20) != kFormatVersion) {
    fields.fail("format_version", "is " + root["format_version"].dump() +
                                      ", and this clipcls reads version " + std::to_string(kFormatVersion) +
                                      "; export the model again");
  }
  ModelConfig config;
  config.name = fields.text("name");
  config.description = fields.optional_text("description");
  if (fields.has("architecture")) {
    const Fields architecture = fields.object("architecture");
    config.image_architecture = architecture.optional_text("image");
    config.text_architecture = architecture.optional_text("text");
  }
  config.source = fields.optional_text("source");
  config.torch_version = fields.optional_text("torch_version");
  config.license = fields.optional_text("license");
  config.embed_dim = static_cast<std::size_t>(fields.integer("embed_dim", 1, kMaxEmbedDim));
  config.logit_scale = fields.number("logit_scale");
  if (config.logit_scale <= 0)
    fields.fail("logit_scale", "is not above zero; it is the multiplier, such as 100.0");
  if (fields.has("logit_bias")) config.logit_bias = fields.number("logit_bias");
  config.activation = fields.choice<Activation>(
      "activation", {{"softmax", Activation::kSoftmax}, {"sigmoid", Activation::kSigmoid}});
  config.image = read_image_config(fields.object("image"));
  config.text = read_text_config(fields.object("text"));
  config.prompt_templates = read_prompt_templates(fields);
  return config;
}

}  // namespace clipcls
