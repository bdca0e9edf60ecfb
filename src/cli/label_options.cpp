#include "label_options.h"

#include <cmath>
#include <limits>
#include <map>

#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"
#include "option_kinds.h"

namespace clipcls {
namespace {

const std::map<std::string, ScoreKind> kScoreKinds = {
    {"softmax", ScoreKind::kSoftmax}, {"sigmoid", ScoreKind::kSigmoid}, {"cosine", ScoreKind::kCosine}};
constexpr double kMultiLabelThreshold = 0.5;  // nearer to the label than to its negative prompt

}  // namespace

void declare_labels(CLI::App& app, LabelOptions& options) {
  app.add_option(
         "-l,--labels", options.labels,
         "Label file, one label a line, each with prompts of its own behind tabs\nif need be, or JSON; '-' "
         "is "
         "standard input; or a built-in list: cifar100\n(a file of that name comes first, a folder does not)")
      ->type_name("FILE|NAME");
  declare_prompts(app, options);
}

void declare_prompts(CLI::App& app, LabelOptions& options) {
  app.add_option("--label", options.label, "One more label; repeats")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("-t,--template", options.templates,
                 "Prompt template with one {} for the label; repeats: averaged")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option(
         "--templates", options.templates_file,
         "File of prompt templates, one a line, '-' is standard input; or a built-in\nset: openai (80), "
         "simple (7); a file of that name comes first")
      ->type_name("FILE|NAME");
}

void declare_scores(CLI::App& app, LabelOptions& options) {
  add_choice(app, "--score", options.score_kind, kScoreKinds,
             "What a score is; default: what the model was trained with");
  app.add_option(
         "--none", options.none,
         "Answer \"(none)\" where this prompt, a whole text such as \"a photo.\",\nfits better than the "
         "labels; repeats")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("--threshold", options.threshold, "Leave out predictions with a lower score than this")
      ->check(in_range(-1.0, 1.0))
      ->type_name("X");
  app.add_option("--calibration", options.calibration,
                 "Temperature and thresholds that clipcls calibrate fitted for these labels")
      ->type_name("FILE");
}

void declare_multi_label(CLI::App& app, LabelOptions& options) {
  CLI::Option* const multi_label = app.add_flag_callback(
      "--multi-label", [&] { options.score_kind = ScoreKind::kMultiLabel; },
      "Several labels may apply, or none: each is scored on its own against its\nnegative prompt or "
      "calibrated "
      "threshold, and printed from a score of 50 % on");
  multi_label->excludes(app.get_option("--score"))->excludes(app.get_option("--none"));
  app.add_option("--negative", options.negatives,
                 "Negative prompt of --multi-label, {} being the label; repeats: averaged")
      ->type_name("TEXT")
      ->allow_extra_args(false)
      ->needs(multi_label);
}

void validate_scores(LabelOptions& options) {
  for (const std::string& prompt : options.none) require_label(prompt, "--none");
  for (const std::string& prompt : options.negatives) require_label(prompt, "--negative");
  if (options.threshold && std::isnan(*options.threshold))
    throw Error(ErrorKind::kUsage, "--threshold nan: is no number between -1 and 1");
  if (options.score_kind == ScoreKind::kMultiLabel && !options.threshold)
    options.threshold = kMultiLabelThreshold;
}

void lift_top_k(const CLI::App& command, LabelOptions& options) {
  if (options.score_kind == ScoreKind::kMultiLabel && command.count("--top-k") == 0)
    options.batch.top_k = std::numeric_limits<std::size_t>::max();
}

}  // namespace clipcls
