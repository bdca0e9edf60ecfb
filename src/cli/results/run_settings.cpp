#include "cli/results/run_settings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/content_hash.h"
#include "cli/flags/colour.h"
#include "zero_shot/calibration_file.h"
#include "zero_shot/label_set.h"

namespace clipcls {
namespace {

std::string checksum(const std::string& text) {
  ContentHash hash;
  hash.add_text(text);
  return hash.hex_digest();
}

/// Not read again: it may be a pipe.
std::string describe(const std::optional<Calibration>& calibration) {
  return calibration ? "checksum " + checksum(write_calibration(*calibration)) : "none";
}

std::string describe(const std::string& noun, const std::vector<std::string>& texts) {
  ContentHash hash;
  for (const std::string& text : texts) hash.add_text(text);
  return std::to_string(texts.size()) + " " + noun + ", checksum " + hash.hex_digest();
}

// Every flag decides the rows unless it stands here, so that a new one is compared until somebody has thought
// about it. Which images share a batch moves the last digits of a score; it is no reason to refuse rows, for
// a run that is resumed has other batches anyway.
constexpr auto kDecideNoRows = std::to_array<std::string_view>(
    {// Which images there are:
     "--files-from", "--null", "--recursive", "--exclude", "--raw-pairs", "--no-raw", "--image-features",
     // Where results go:
     "--output", "--format", "--resume", "--retry-errors", "--update", "--bom", "--overwrite",
     "--allow-empty",
     // How it is run:
     "--batch-size", "--threads", "--via", "--via-or-here", "--decode-sandbox", "--fail-fast", "--no-cache",
     "--cache-dir", "--cache-size",
     // What is said on standard error:
     "--progress", "--no-progress", "--quiet", "--verbose", "--timings",
     // How the text format looks:
     "--color", "--hyperlink"});

/// Flags whose values are compared by what they stand for, here and in model_settings().
constexpr std::array<std::string_view, 9> kDescribed = {"--labels",      "--label", "--template",
                                                        "--templates",   "--none",  "--negative",
                                                        "--calibration", "--score", "--model"};

bool is_one_of(const std::string& flag, std::span<const std::string_view> flags) {
  return std::ranges::find(flags, flag) != flags.end();
}

}  // namespace

RunSettings run_settings(const FlagValues& flags, const LabelRequest& labels) {
  std::vector<std::string> templates;
  for (const PromptTemplate& prompt_template : labels.templates) templates.push_back(prompt_template.text());
  const std::string label_list = std::to_string(labels.labels->labels.size()) + " labels, checksum " +
                                 checksum(write_label_set(*labels.labels));
  RunSettings settings = {
      {"label list", label_list},
      {"list of templates", templates.empty() ? "the model's own" : describe("templates", templates)},
      {"--none", describe("prompts", labels.none)},
      {"--negative", describe("prompts", labels.negatives)},
      {"--calibration", describe(labels.calibration)}};
  for (const auto& [flag, value] : flags) {
    if (!is_one_of(flag, kDecideNoRows) && !is_one_of(flag, kDescribed))
      settings.push_back({flag, value.empty() ? "none" : value});
  }
  return settings;
}

RunSettings model_settings(ScoreKind score_kind, const ClipModel& model) {
  const ModelConfig& config = model.config();
  const std::string own_score = score_kind_name(score_kind_of(config));
  const std::string score = score_kind_name(score_kind);
  return {{"model", model.image_fingerprint() + "-" + model.text_fingerprint()},
          {"logit_scale of the model", std::to_string(config.logit_scale)},
          {"logit_bias of the model", config.logit_bias ? std::to_string(*config.logit_bias) : "none"},
          {"activation of the model", own_score},
          {"--score", score == own_score ? "the model's own" : score, score},
          {"list of templates of the model", describe("templates", config.prompt_templates)}};
}

}  // namespace clipcls
