#include "eval_options.h"

#include <algorithm>
#include <array>
#include <map>

#include "clipcls/error.h"
#include "label_options.h"
#include "option_kinds.h"
#include "standard_input.h"

namespace clipcls {
namespace {

const std::map<std::string, EvaluationFormat> kFormats = {
    {"text", EvaluationFormat::kText}, {"json", EvaluationFormat::kJson}, {"html", EvaluationFormat::kHtml}};
const std::map<std::string, DocumentFormat> kDocumentFormats = {{"text", DocumentFormat::kText},
                                                                {"json", DocumentFormat::kJson}};
const std::map<std::string, FewShotMethod> kMethods = {{"mean", FewShotMethod::kMean},
                                                       {"probe", FewShotMethod::kProbe}};
constexpr std::array<std::string_view, 5> kKeys = {"labels", "templates", "template", "model", "precision"};

void declare_source(CLI::App& command, std::string& source, std::string& image_features) {
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

void declare_few_shot(CLI::App& command, EvalOptions& options) {
  CLI::Option* const few_shot =
      command
          .add_option(
              "--few-shot", options.num_examples,
              "Take N pictures of each label as examples, make labels of them and of\nthe prompts, and "
              "test both on the other pictures")
          ->check(in_range(1, 1000000))
          ->type_name("N");
  add_choice(command, "--few-shot-method", options.few_shot_method, kMethods,
             "mean: average the examples' features; probe: train a linear classifier;\ndefault: mean")
      ->needs(few_shot);
  command
      .add_option("--blend", options.blend,
                  "Weight of the examples beside the prompts: 0 the prompts alone, 1 the\nexamples alone")
      ->check(in_range(0.0, 1.0))
      ->type_name("W")
      ->capture_default_str()
      ->needs(few_shot);
  command
      .add_option("--probe-c", options.inverse_penalty,
                  "The probe's inverse penalty of large weights, scikit-learn's C")
      ->check(in_range(1e-6, 1e9))
      ->type_name("C")
      ->capture_default_str()
      ->needs(few_shot);
  command
      .add_option("--save-labels", options.save_labels,
                  "Write the labels made of examples here, for --labels of later runs")
      ->type_name("FILE")
      ->needs(few_shot);
}

/// The key that `text` starts with, '=' behind it; empty: none.
std::string_view leading_key(std::string_view text) {
  for (const std::string_view key : kKeys) {
    if (text.starts_with(key) && text.substr(key.size()).starts_with('=')) return key;
  }
  return {};
}

void validate_common(const LabelOptions& options, const std::string& image_features) {
  if (options.is_quiet && options.is_verbose)
    throw Error(ErrorKind::kUsage, "--quiet and --verbose exclude each other");
  if (!image_features.empty() && options.batch.is_fail_fast)
    throw Error(ErrorKind::kUsage, "--fail-fast is about pictures, and --image-features takes their place");
}

void validate(const EvalOptions& options) {
  validate_common(options, options.image_features);
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
  if (!options.variants.empty()) refuse("compares with the prompts already; leave out --compare");
  if (!options.none.empty()) refuse("no prompt of --none can be weighed against pictures; leave it out");
  if (!options.calibration.empty()) refuse("makes other labels than --calibration was fitted for");
}

}  // namespace

EvalCommands::EvalCommands(CLI::App& app) {
  eval_command_ = app.add_subcommand(
      "eval", "Measure how often labelled pictures get their label; compare labels, prompts, models");
  declare_source(*eval_command_, eval_.source, eval_.image_features);
  declare_decoding(*eval_command_, eval_);
  declare_model(*eval_command_, eval_);
  declare_labels(*eval_command_, eval_);
  declare_scores(*eval_command_, eval_);
  eval_command_
      ->add_option(
          "--compare", compare_,
          "One more run, NAME:labels=…,templates=…,template=…,model=…,precision=…:\nwhat is not given "
          "is as the flags say; repeats")
      ->type_name("NAME:…")
      ->allow_extra_args(false);
  declare_few_shot(*eval_command_, eval_);
  eval_command_->add_option("--seed", eval_.seed, "Of the choice of examples and of the bootstrap")
      ->type_name("N")
      ->capture_default_str();
  eval_command_->add_option("--worst", eval_.num_worst, "Most confident mistakes to list")
      ->check(in_range(0, 1000000))
      ->type_name("N")
      ->capture_default_str();
  add_choice(*eval_command_, "-f,--format", eval_.format, kFormats, "Output format; default: text");
  eval_command_
      ->add_option("-o,--output", eval_.output,
                   "Write the results here, whole or not at all; default: standard output")
      ->type_name("FILE");
  declare_cache(*eval_command_, eval_.cache);

  calibrate_command_ = app.add_subcommand(
      "calibrate", "Fit temperature and thresholds to labelled pictures, for --calibration");
  declare_source(*calibrate_command_, calibrate_.source, calibrate_.image_features);
  declare_decoding(*calibrate_command_, calibrate_);
  declare_model(*calibrate_command_, calibrate_);
  declare_labels(*calibrate_command_, calibrate_);
  calibrate_command_->add_option("-o,--output", calibrate_.output, "The calibration file to write")
      ->required()
      ->type_name("FILE");
  add_choice(*calibrate_command_, "-f,--format", calibrate_.format, kDocumentFormats,
             "Of the summary on standard output; default: text");
  declare_cache(*calibrate_command_, calibrate_.cache);

  CLI::App* const labels =
      app.add_subcommand("labels", "Commands about label lists; see clipcls labels --help");
  labels->require_subcommand(1);
  check_command_ = labels->add_subcommand(
      "check", "Find duplicates, labels that are one to the model, and prompts that are cut");
  check_command_
      ->add_option("LABELS", check_.labels,
                   "Label file, '-' being standard input, or a built-in list: cifar100")
      ->required()
      ->type_name("");
  declare_model(*check_command_, check_);
  check_command_->add_option("-t,--template", check_.templates, "As in classifying; repeats")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  check_command_->add_option("--templates", check_.templates_file, "As in classifying")
      ->type_name("FILE|NAME");
  check_command_
      ->add_option("--max-similarity", check_.max_similarity,
                   "Report two labels whose embeddings have a larger cosine than this")
      ->check(in_range(-1.0, 1.0))
      ->type_name("X")
      ->capture_default_str();
  add_choice(*check_command_, "-f,--format", check_.format, kDocumentFormats, "Output format; default: text");
  declare_cache(*check_command_, check_.cache);
  check_command_->footer("Exit code: 0 nothing was found; 1 something was; 2 the list could not be checked.");
}

std::optional<EvalCommand> EvalCommands::given() const {
  if (eval_command_->parsed()) {
    EvalOptions options = eval_;
    validate_scores(options);
    std::ranges::transform(compare_, std::back_inserter(options.variants), parse_run_variant);
    validate(options);
    return options;
  }
  if (calibrate_command_->parsed()) {
    validate_common(calibrate_, calibrate_.image_features);
    NamedInputs inputs = label_inputs(calibrate_);
    inputs.emplace_back("DIR", calibrate_.source);
    require_inputs_once(inputs);
    return calibrate_;
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
    if (key.empty()) fail("\"" + std::string(rest.substr(0, rest.find('='))) + "\" is no key");
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
      if (found == precision_words().end()) fail("\"" + value + "\" is no precision");
      variant.precision = found->second;
    }
  }
  return variant;
}

}  // namespace clipcls
