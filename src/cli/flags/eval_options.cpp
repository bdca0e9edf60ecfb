#include "cli/flags/eval_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "cli/flags/declaration.h"
#include "cli/flags/label_options.h"
#include "cli/flags/output_options.h"
#include "cli/flags/standard_input.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

const std::map<std::string, EvaluationFormat> kEvaluationFormats = {
    {"text", EvaluationFormat::kText}, {"json", EvaluationFormat::kJson}, {"html", EvaluationFormat::kHtml}};
const std::map<std::string, DocumentFormat> kDocumentFormats = {{"text", DocumentFormat::kText},
                                                                {"json", DocumentFormat::kJson}};
const std::map<std::string, FewShotMethod> kMethods = {{"mean", FewShotMethod::kMean},
                                                       {"probe", FewShotMethod::kProbe}};
constexpr std::array<std::string_view, 5> kKeys = {"labels", "templates", "template", "model", "precision"};

void declare_source(CommandDeclaration& command, std::string& source, std::string& image_features) {
  command
      .add_option(
          "DIR", source,
          "Labelled pictures: DIR/<label>/…, or a CSV file with the columns path and\nlabel, '-' being "
          "standard input")
      ->required()
      ->type_name("");
  command
      .add_option("--image-features", image_features,
                  "Take the features of the pictures from this folder that clipcls embed wrote")
      ->type_name("DIR");
}

void declare_few_shot(CommandDeclaration& command, EvalOptions& options) {
  command
      .add_number("--few-shot", options.num_examples, 1, 1000000,
                  "Take N pictures of each label as examples, make labels of them and of\nthe prompts, and "
                  "test both on the other pictures")
      ->type_name("N");
  command
      .add_choice("--few-shot-method", options.few_shot_method, kMethods,
                  "mean: average the examples' features; probe: train a linear classifier;\ndefault: mean")
      ->needs("--few-shot");
  command
      .add_number("--blend", options.blend, 0.0, 1.0,
                  "Weight of the examples beside the prompts: 0 the prompts alone, 1 the\nexamples alone")
      ->type_name("W")
      ->needs("--few-shot");
  command
      .add_number("--probe-c", options.inverse_penalty, 1e-6, 1e9,
                  "The probe's inverse penalty of large weights, scikit-learn's C")
      ->type_name("C")
      ->needs("--few-shot");
  command
      .add_option("--save-labels", options.save_labels,
                  "Write the labels made of examples here, for --labels of later runs")
      ->type_name("FILE")
      ->needs("--few-shot");
}

/// The key that `text` starts with, '=' behind it; empty: none.
std::string_view leading_key(std::string_view text) {
  for (const std::string_view key : kKeys) {
    if (text.starts_with(key) && text.substr(key.size()).starts_with('=')) return key;
  }
  return {};
}

void validate_common(const CommandDeclaration& command, const LabelOptions& options,
                     const std::string& image_features) {
  validate_messages(options);
  if (!image_features.empty()) require_no_image_flags(command, /*reads_pictures=*/false);
}

void validate(const CommandDeclaration& command, const EvalOptions& options) {
  validate_common(command, options, options.image_features);
  NamedInputs inputs = label_inputs(options);
  inputs.emplace_back("DIR", options.source);
  for (const RunVariant& variant : options.variants) {
    inputs.emplace_back("--compare " + variant.name + ":labels", variant.labels.value_or(""));
    inputs.emplace_back("--compare " + variant.name + ":templates", variant.templates_file.value_or(""));
  }
  require_inputs_once(inputs);
  if (options.num_examples == 0) return;
  const auto refuse = [](const std::string& reason) {
    throw Error(ErrorKind::kUsage, "--few-shot: " + reason);
  };
  if (command.count("--probe-c") > 0 && options.few_shot_method != FewShotMethod::kProbe)
    refuse("--probe-c is of the probe; add --few-shot-method probe");
  if (!options.variants.empty()) refuse("compares with the prompts already; leave out --compare");
  if (!options.none.empty()) refuse("no prompt of --none can be weighed against pictures; leave it out");
  if (!options.calibration.empty()) refuse("makes other labels than --calibration was fitted for");
}

}  // namespace

EvalCommands::EvalCommands(CommandDeclaration& app) {
  eval_command_ = app.add_subcommand(
      "eval", "Measure how often labelled pictures get their label; compare labels, prompts, models");
  declare_source(*eval_command_, eval_.source, eval_.image_features);
  declare_decoding(*eval_command_, eval_);
  declare_batch_size(*eval_command_, eval_);
  declare_fail_fast(*eval_command_, eval_);
  declare_model(*eval_command_, eval_);
  declare_quiet(*eval_command_, eval_, "No warnings");
  declare_verbose(*eval_command_, eval_);
  declare_labels(*eval_command_, eval_);
  declare_scores(*eval_command_, eval_);
  eval_command_
      ->add_option(
          "--compare", compare_,
          "One more run, NAME:labels=…,templates=…,template=…,model=…,precision=…:\nwhat is not given "
          "is as the flags say; repeats")
      ->type_name("NAME:…");
  declare_few_shot(*eval_command_, eval_);
  eval_command_
      ->add_number("--seed", eval_.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                   "Of the choice of examples and of the bootstrap")
      ->type_name("N")
      ->show_default();
  eval_command_->add_number("--worst", eval_.num_worst, 0, 1000000, "Most confident mistakes to list")
      ->type_name("N");
  eval_command_->add_choice("-f,--format", eval_.format, kEvaluationFormats,
                            "Output format; default: what the ending of --output says, else text");
  declare_output(*eval_command_, eval_.output, eval_.overwrites);
  declare_cache(*eval_command_, eval_.cache);

  calibrate_command_ = app.add_subcommand(
      "calibrate", "Fit temperature and thresholds to labelled pictures, for --calibration");
  declare_source(*calibrate_command_, calibrate_.source, calibrate_.image_features);
  declare_decoding(*calibrate_command_, calibrate_);
  declare_batch_size(*calibrate_command_, calibrate_);
  declare_fail_fast(*calibrate_command_, calibrate_);
  declare_model(*calibrate_command_, calibrate_);
  declare_quiet(*calibrate_command_, calibrate_, "No warnings");
  declare_verbose(*calibrate_command_, calibrate_);
  declare_labels(*calibrate_command_, calibrate_);
  calibrate_command_
      ->add_option("-o,--output", calibrate_.output, "The calibration file to write; '-' is standard output")
      ->required()
      ->type_name("FILE");
  declare_overwrite(*calibrate_command_, calibrate_.overwrites, "Replace a file that is no calibration, too");
  calibrate_command_->add_choice("-f,--format", calibrate_.format, kDocumentFormats,
                                 "Of the summary on standard output; default: text");
  declare_cache(*calibrate_command_, calibrate_.cache);

  CommandDeclaration* const labels =
      app.add_subcommand("labels", "Commands about label lists; see clipcls labels --help");
  check_command_ = labels->add_subcommand(
      "check", "Find duplicates, labels that are one to the model, and prompts that are cut");
  check_command_
      ->add_option("LABELS", check_.labels,
                   "Label file, '-' being standard input, or a built-in list: cifar100")
      ->required()
      ->type_name("");
  declare_model(*check_command_, check_);
  declare_verbose(*check_command_, check_);
  check_command_->add_option("-t,--template", check_.templates, "As in classifying; repeats")
      ->type_name("TEXT");
  check_command_->add_option("--templates", check_.templates_file, "As in classifying")
      ->type_name("FILE|NAME");
  check_command_
      ->add_number("--max-similarity", check_.max_similarity, -1.0, 1.0,
                   "Report two labels whose embeddings have a larger cosine than this")
      ->type_name("X");
  check_command_->add_choice("-f,--format", check_.format, kDocumentFormats, "Output format; default: text");
  declare_cache(*check_command_, check_.cache);
  check_command_->footer("Exit code: 0 nothing was found; 1 something was; 2 the list could not be checked.");
}

std::optional<EvalCommand> EvalCommands::given() const {
  if (eval_command_->parsed()) {
    EvalOptions options = eval_;
    settle_output(*eval_command_, options.output, options.format, kEvaluationFormats);
    options.saves_labels = eval_command_->count("--save-labels") > 0;
    settle_output(options.save_labels);
    validate_scores(options);
    std::ranges::transform(compare_, std::back_inserter(options.variants), parse_run_variant);
    validate(*eval_command_, options);
    return options;
  }
  if (calibrate_command_->parsed()) {
    validate_common(*calibrate_command_, calibrate_, calibrate_.image_features);
    NamedInputs inputs = label_inputs(calibrate_);
    inputs.emplace_back("DIR", calibrate_.source);
    require_inputs_once(inputs);
    CalibrateOptions options = calibrate_;
    settle_output(options.output);
    return options;
  }
  if (check_command_->parsed()) {
    require_inputs_once(label_inputs(check_));
    return check_;
  }
  return std::nullopt;
}

RunVariant parse_run_variant(const std::string& text) {
  const auto fail = [&](const std::string& reason) {
    throw Error(ErrorKind::kUsage, "--compare \"" + text + "\": " + reason +
                                       "; write NAME:key=value,… with the keys labels, templates, template, "
                                       "model and precision");
  };
  RunVariant variant;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) fail("has no name");
  variant.name = text.substr(0, colon);
  std::string_view rest = std::string_view(text).substr(colon + 1);
  if (rest.empty()) fail("changes nothing");
  while (!rest.empty()) {
    const std::string_view key = leading_key(rest);
    if (key.empty()) fail(std::string("\"").append(rest.substr(0, rest.find('='))).append("\" is no key"));
    rest.remove_prefix(key.size() + 1);
    std::size_t end = rest.find(',');
    while (end != std::string_view::npos && leading_key(rest.substr(end + 1)).empty())
      end = rest.find(',', end + 1);
    const std::string value(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (value.empty()) fail("the value of " + std::string(key) + " is empty");
    if (key == "labels") variant.labels = value;
    if (key == "templates") variant.templates_file = value;
    if (key == "template") variant.text_template = value;
    if (key == "model") variant.model = value;
    if (key == "precision") {
      const auto found = precision_words().find(value);
      if (found == precision_words().end())
        fail(std::string("\"").append(value).append("\" is no precision"));
      variant.precision = found->second;
    }
  }
  return variant;
}

}  // namespace clipcls
