#include "cli/flags/label_options.h"

#include <limits>
#include <map>

#include "cli/flags/declaration.h"
#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"

namespace clipcls {
namespace {

const std::map<std::string, ScoreKind> kScoreKinds = {
    {"softmax", ScoreKind::kSoftmax}, {"sigmoid", ScoreKind::kSigmoid}, {"cosine", ScoreKind::kCosine}};
constexpr double kMultiLabelThreshold = 0.5;  // nearer to the label than to its negative prompt

}  // namespace

void declare_labels(CommandDeclaration& app, LabelOptions& options) {
  app.add_option(
         "-l,--labels", options.labels,
         "Label file, one label a line, each with prompts of its own behind tabs\nif need be, or JSON; '-' "
         "is "
         "standard input; or a built-in list: cifar100\n(a file of that name comes first, a folder does not)")
      ->type_name("FILE|NAME");
  declare_prompts(app, options);
}

void declare_prompts(CommandDeclaration& app, LabelOptions& options) {
  app.add_option("--label", options.label, "One more label; repeats")->type_name("TEXT");
  app.add_option("-t,--template", options.templates,
                 "Prompt template with one {} for the label; repeats: averaged")
      ->type_name("TEXT");
  app.add_option(
         "--templates", options.templates_file,
         "File of prompt templates, one a line, '-' is standard input; or a built-in\nset: openai (80), "
         "simple (7); a file of that name comes first")
      ->type_name("FILE|NAME");
}

void declare_scores(CommandDeclaration& app, LabelOptions& options) {
  app.add_choice("--score", options.score_kind, kScoreKinds,
                 "What a score is; default: what the model was trained with");
  app.add_option(
         "--none", options.none,
         "Answer \"(none)\" where this prompt, a whole text such as \"a photo.\",\nfits better than the "
         "labels; repeats")
      ->type_name("TEXT");
  app.add_number("--threshold", options.threshold, -1.0, 1.0,
                 "Leave out predictions with a lower score than this")
      ->type_name("X");
  app.add_option("--calibration", options.calibration,
                 "Temperature and thresholds that clipcls calibrate fitted for these labels")
      ->type_name("FILE");
}

void declare_multi_label(CommandDeclaration& app, LabelOptions& options) {
  OptionDeclaration* const multi_label = app.add_flag_callback(
      "--multi-label", [&] { options.score_kind = ScoreKind::kMultiLabel; },
      "Several labels may apply, or none: each is scored on its own against its\nnegative prompt or "
      "calibrated "
      "threshold, and printed from a score of 50 % on");
  multi_label->excludes("--score")->excludes("--none");
  app.add_option("--negative", options.negatives,
                 "Negative prompt of --multi-label, {} being the label; repeats: averaged")
      ->type_name("TEXT")
      ->needs("--multi-label");
}

void validate_scores(LabelOptions& options) {
  for (const std::string& prompt : options.none) require_label(prompt, "--none");
  for (const std::string& prompt : options.negatives) require_label(prompt, "--negative");
  if (options.score_kind == ScoreKind::kMultiLabel && !options.threshold)
    options.threshold = kMultiLabelThreshold;
}

void lift_top_k(const CommandDeclaration& command, LabelOptions& options) {
  if (options.score_kind == ScoreKind::kMultiLabel && command.count("--top-k") == 0)
    options.batch.top_k = std::numeric_limits<std::size_t>::max();
}

}  // namespace clipcls
