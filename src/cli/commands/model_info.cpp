#include <fmt/format.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/flags/document_format.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "interface/require_model.h"
#include "json/write_json.h"
#include "model/license.h"
#include "model/model_folders.h"
#include "model/model_statistics.h"
#include "model/openai_archive.h"
#include "model/torch_library.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

struct ModelInfoFlags {
  std::string model;
  DocumentFormat format = DocumentFormat::kText;
};

struct ModelInfo {
  std::filesystem::path path;
  ModelConfig config;
  ModelStatistics statistics;
  std::uint64_t num_bytes = 0;
};

ModelInfo read_model_info(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  return {path, is_folder ? read_model_config(path) : load_openai_archive(path)->config(),
          read_model_statistics(path), size_of_model(path)};
}

std::string_view word(Activation activation) {
  return activation == Activation::kSigmoid ? "sigmoid" : "softmax";
}
std::string_view word(Interpolation interpolation) {
  return interpolation == Interpolation::kBicubic ? "bicubic" : "bilinear";
}

/// Seven digits: the eighth of a float is not always the one that was written in config.json.
std::string to_text(const std::array<float, 3>& values) {
  return fmt::format("{:.7g}, {:.7g}, {:.7g}", values[0], values[1], values[2]);
}

/// "87,849,216"
std::string with_separators(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

/// As short as it means the same float: 0.48145467 and not 0.48145467042922974.
ordered_json to_json(const std::array<float, 3>& values) {
  ordered_json array = ordered_json::array();
  for (const float value : values) array.push_back(shortest_decimal(value));
  return array;
}

ordered_json to_json(const std::string& architecture, const EncoderStatistics& encoder) {
  return {{"architecture", architecture}, {"parameters", encoder.num_parameters}, {"dtype", encoder.dtype}};
}

ordered_json to_json(const ModelInfo& info) {
  const ModelConfig& config = info.config;
  return {{"name", config.name},
          {"description", config.description},
          {"path", info.path.string()},
          {"size", info.num_bytes},
          {"image_encoder", to_json(config.image_architecture, info.statistics.image)},
          {"text_encoder", to_json(config.text_architecture, info.statistics.text)},
          {"embed_dim", config.embed_dim},
          {"logit_scale", config.logit_scale},
          {"logit_bias", config.logit_bias ? ordered_json(*config.logit_bias) : ordered_json()},
          {"activation", word(config.activation)},
          {"image",
           {{"size", config.image.image_size},
            {"mean", to_json(config.image.image_mean)},
            {"std", to_json(config.image.image_std)},
            {"interpolation", word(config.image.interpolation)},
            {"resize_mode", resize_mode_word(config.image.resize_mode)}}},
          {"text", {{"context_length", config.text.context_length}, {"vocab_size", config.text.vocab_size}}},
          {"prompt_templates", config.prompt_templates},
          {"torch_version", {{"wrote", config.torch_version}, {"runs", torch_version()}}},
          {"license", config.license},
          {"bars_commercial_use", bars_commercial_use(config.license)},
          {"source", config.source}};
}

void write_text(const ModelInfo& info, std::ostream& output) {
  const ModelConfig& config = info.config;
  const auto encoder = [](const EncoderStatistics& statistics) {
    return with_separators(statistics.num_parameters) + " parameters, stored as " + statistics.dtype;
  };
  std::vector<std::vector<std::string>> rows;
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) rows.push_back({name, value});
  };
  row("name", config.name);
  row("description", config.description);
  row("path", info.path.string());
  row("size on disk", format_bytes(info.num_bytes));
  row("image encoder", encoder(info.statistics.image));
  row("", config.image_architecture);
  row("text encoder", encoder(info.statistics.text));
  row("", config.text_architecture);
  row("embed_dim", std::to_string(config.embed_dim));
  row("image size", std::to_string(config.image.image_size) + " pixels");
  row("resize",
      resize_mode_word(config.image.resize_mode) + ", " + std::string(word(config.image.interpolation)));
  row("mean", to_text(config.image.image_mean));
  row("std", to_text(config.image.image_std));
  row("context length", std::to_string(config.text.context_length) + " tokens");
  row("vocabulary", with_separators(static_cast<std::uint64_t>(config.text.vocab_size)) + " tokens");
  row("logit_scale", shortest_digits(config.logit_scale));
  if (config.logit_bias) row("logit_bias", shortest_digits(*config.logit_bias));
  row("activation", std::string(word(config.activation)));
  for (const std::string& text : config.prompt_templates) {
    row(&text == config.prompt_templates.data() ? "prompt templates" : "", text);
  }
  row("written by", config.torch_version.empty() ? "" : "torch " + config.torch_version);
  row("run by", "torch " + torch_version());
  row("license", config.license);
  row("", bars_commercial_use(config.license) ? "it bars commercial use" : "");
  row("source", config.source);
  write_text_table(output, rows);
}

int print_model_info(const ModelInfoFlags& flags) {
  const ModelInfo info = read_model_info(require_model(flags.model));
  OutputFile output;
  if (flags.format == DocumentFormat::kJson) {
    output.stream() << write_json(to_json(info), 1) << '\n';
  } else {
    write_text(info, output.stream());
  }
  output.check();
  return 0;
}

}  // namespace

void add_model_info(Program& program) {
  CommandDeclaration& command =
      program.add("model info", "Print what a model is: sizes, preprocessing, licence");
  const auto flags = std::make_shared<ModelInfoFlags>();
  command
      .add_option("MODEL", flags->model,
                  "Model folder, OpenAI's .pt file, or the name of a model; default: $CLIPCLS_MODEL, else "
                  "the bundled model")
      ->type_name("")
      ->offers_models();
  command.add_choice("-f,--format", flags->format, kDocumentFormats, "Output format; default: text");
  command.examples({{"clipcls model info", "the model that is used by default"},
                    {"clipcls model info ViT-B/32 -f json", "another one, for a program"}});
  command.exit_codes({{0, "it is printed"}, {2, "there is no such model, or it is broken"}});
  command.runs([flags] { return print_model_info(*flags); });
}

}  // namespace clipcls
