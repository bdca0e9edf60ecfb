#include "run_settings.h"

#include "clipcls/content_hash.h"

namespace clipcls {
namespace {

std::string describe(const std::string& noun, const std::vector<std::string>& texts) {
  ContentHash hash;
  for (const std::string& text : texts) hash.add_text(text);
  return std::to_string(texts.size()) + " " + noun + ", checksum " + hash.hex_digest();
}

std::string describe(const std::optional<ScoreKind>& kind) {
  if (!kind) return "the model's own";
  return *kind == ScoreKind::kSoftmax ? "softmax" : *kind == ScoreKind::kSigmoid ? "sigmoid" : "cosine";
}

std::string describe(bool value) { return value ? "yes" : "no"; }

}  // namespace

RunSettings run_settings(const ClassifyOptions& options, const LabelSet& label_set) {
  std::vector<std::string> templates;
  for (const PromptTemplate& prompt_template : label_set.templates)
    templates.push_back(prompt_template.fill("{}"));
  return {{"label list", describe("labels", label_set.labels)},
          {"list of templates", templates.empty() ? "the model's own" : describe("templates", templates)},
          {"--top-k", std::to_string(options.batch.top_k)},
          {"--score", describe(options.score_kind)},
          {"--precision", std::string(precision_name(options.load.precision))},
          {"--no-exif-rotation", describe(!options.batch.decode.apply_exif_rotation)},
          {"--escape-formulas", describe(options.escapes_formulas)}};
}

}  // namespace clipcls
