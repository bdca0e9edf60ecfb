#include "cli/flags/score_flags.h"

#include <limits>
#include <map>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "zero_shot/label_classifier.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

const std::map<std::string, ScoreKind> kScoreKinds = {
    {"softmax", ScoreKind::kSoftmax}, {"sigmoid", ScoreKind::kSigmoid}, {"cosine", ScoreKind::kCosine}};

}  // namespace

void ScoreFlags::add(CommandDeclaration& command) {
  command.group(kScoreGroup);
  command.add_choice("--score", kind, kScoreKinds,
                     "What a score is; default: what the model was trained with");
  command
      .add_option("--none", none,
                  "Answer \"(none)\" where this prompt, a whole text such as \"a photo.\", fits better than "
                  "the labels; repeats")
      ->type_name("TEXT");
  command
      .add_number("--threshold", threshold, -1.0, 1.0, "Leave out predictions with a lower score than this")
      ->type_name("X");
  command
      .add_option("--calibration", calibration,
                  "Temperature and thresholds that clipcls calibrate fitted for these labels")
      ->type_name("FILE");
}

void ScoreFlags::validate() const {
  for (const std::string& prompt : none) require_label(prompt, "--none");
}

NamedInputs ScoreFlags::inputs() const { return {{"--calibration", calibration}}; }

void MultiLabelFlags::add(CommandDeclaration& command) {
  command.group(kScoreGroup);
  command
      .add_flag("--multi-label", is_multi_label,
                "Several labels may apply, or none: each is scored on its own against its negative prompt "
                "or calibrated threshold, and printed from a score of 50% on")
      ->excludes("--score")
      ->excludes("--none");
  command
      .add_option("--negative", negatives,
                  "Negative prompt of --multi-label, {} being the label; repeats: averaged")
      ->type_name("TEXT")
      ->needs("--multi-label");
}

void MultiLabelFlags::validate() const {
  for (const std::string& prompt : negatives) require_label(prompt, "--negative");
}

std::optional<ScoreKind> score_kind_of(const ScoreFlags& scores, const MultiLabelFlags& multi_label) {
  return multi_label.is_multi_label ? ScoreKind::kMultiLabel : scores.kind;
}

std::optional<double> threshold_of(const ScoreFlags& scores, const MultiLabelFlags& multi_label) {
  if (multi_label.is_multi_label && !scores.threshold) return kMultiLabelThreshold;
  return scores.threshold;
}

std::size_t top_k_of(std::size_t top_k, bool is_given, const MultiLabelFlags& multi_label) {
  return multi_label.is_multi_label && !is_given ? std::numeric_limits<std::size_t>::max() : top_k;
}

}  // namespace clipcls
