#include "run_settings.h"

#include <fstream>
#include <iterator>

#include "clipcls/content_hash.h"
#include "clipcls/zero_shot/label_set.h"
#include "colour.h"

namespace clipcls {
namespace {

std::string checksum(const std::string& text) {
  ContentHash hash;
  hash.add_text(text);
  return hash.hex_digest();
}

/// A file that was read already.
std::string describe_file(const std::string& path) {
  if (path.empty()) return "none";
  std::ifstream file(path, std::ios::binary);
  return "checksum " + checksum({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

std::string describe(const std::string& noun, const std::vector<std::string>& texts) {
  ContentHash hash;
  for (const std::string& text : texts) hash.add_text(text);
  return std::to_string(texts.size()) + " " + noun + ", checksum " + hash.hex_digest();
}

std::string describe(bool value) { return value ? "yes" : "no"; }

}  // namespace

RunSettings run_settings(const ClassifyOptions& options, const RankedLabels& labels) {
  std::vector<std::string> templates;
  for (const PromptTemplate& prompt_template : labels.templates)
    templates.push_back(prompt_template.fill("{}"));
  const std::string label_list = std::to_string(labels.label_set.labels.size()) + " labels, checksum " +
                                 checksum(write_label_set(labels.label_set));
  return {{"label list", label_list},
          {"list of templates", templates.empty() ? "the model's own" : describe("templates", templates)},
          {"--none", describe("prompts", options.none)},
          {"--negative", describe("prompts", options.negatives)},
          {"--threshold", options.threshold ? std::to_string(*options.threshold) : "none"},
          {"--calibration", describe_file(options.calibration)},
          {"--top-k", std::to_string(options.batch.top_k)},
          {"--score", options.score_kind ? score_kind_name(*options.score_kind) : "the model's own"},
          {"--precision", std::string(precision_name(options.load.precision))},
          {"--no-exif-rotation", describe(!options.batch.decode.apply_exif_rotation)},
          {"--background",
           options.batch.decode.background ? colour_text(*options.batch.decode.background) : "none"},
          {"--shard", std::to_string(options.shard.index) + "/" + std::to_string(options.shard.num_shards)},
          {"--draft", describe(options.batch.is_draft)},
          {"--escape-formulas", describe(options.escapes_formulas)}};
}

RunSettings model_settings(const ClipModel& model) {
  const ModelConfig& config = model.config();
  return {{"model", model.image_fingerprint() + "-" + model.text_fingerprint()},
          {"logit_scale of the model", std::to_string(config.logit_scale)},
          {"logit_bias of the model", config.logit_bias ? std::to_string(*config.logit_bias) : "none"},
          {"activation of the model", score_kind_name(score_kind(LabelOptions(), config))},
          {"list of templates of the model", describe("templates", config.prompt_templates)}};
}

}  // namespace clipcls
