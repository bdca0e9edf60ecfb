#include "cli/commands/eval.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include "cli/commands/commands.h"
#include "cli/help/exit_codes.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

const std::map<std::string, EvaluationFormat> kEvaluationFormats = {
    {"text", EvaluationFormat::kText}, {"json", EvaluationFormat::kJson}, {"html", EvaluationFormat::kHtml}};
const std::map<std::string, FewShotMethod> kFewShotMethods = {{"mean", FewShotMethod::kMean},
                                                              {"probe", FewShotMethod::kProbe}};

[[noreturn]] void refuse_few_shot(const std::string& reason) {
  throw Error(ErrorKind::kUsage, "--few-shot: " + reason);
}

}  // namespace

void FewShotFlags::add(CommandDeclaration& command) {
  command.group(kExampleGroup);
  command
      .add_number("--few-shot", options.num_examples, 1, 1000000,
                  "Make labels from N example pictures of each label, and compare them with the prompts on "
                  "the other pictures")
      ->type_name("N")
      ->brief("Make labels from N pictures of each label");
  command
      .add_choice("--few-shot-method", options.method, kFewShotMethods,
                  "mean: average the examples' features; probe: train a linear classifier; default: mean")
      ->needs("--few-shot");
  command
      .add_number("--blend", options.blend, 0.0, 1.0,
                  "Weight of the examples beside the prompts: 0 the prompts alone, 1 the examples alone")
      ->type_name("W")
      ->needs("--few-shot");
  command
      .add_number("--probe-c", options.inverse_penalty, 1e-6, 1e9,
                  "The probe's inverse penalty of large weights, scikit-learn's C")
      ->type_name("C")
      ->needs("--few-shot");
  command
      .add_option("--save-labels", save_labels,
                  "Write the labels made of examples here, for --labels of later runs")
      ->type_name("FILE")
      ->needs("--few-shot");
}

void EvalFlags::add(CommandDeclaration& command) {
  source.add(command);
  decode.add(command);
  batch.add(command);
  run.model.add(command);
  messages.add(command, "No warnings");
  run.labels.add(command);
  run.scores.add(command);
  command.group(kExampleGroup);
  command
      .add_option("--compare", compare,
                  "One more run, NAME:KEY=VALUE,…: the keys are labels, templates, template, model and "
                  "precision; one "
                  "that is not given has the value of its flag; repeats")
      ->type_name("NAME:…")
      ->brief("One more run, to compare: large:model=ViT-L/14");
  few_shot.add(command);
  command
      .add_number("--seed", seed, 0, std::numeric_limits<std::uint64_t>::max(),
                  "Seed of the choice of examples and of the bootstrap")
      ->type_name("N")
      ->show_default();
  command.group(kOutputGroup);
  command.add_number("--worst", num_worst, 0, 1000000, "Most confident mistakes to list")->type_name("N");
  command
      .add_choice("-f,--format", given_format, kEvaluationFormats,
                  "Output format; default: what the ending of --output says, else text")
      ->brief("Output format; default: what --output ends in");
  output.add(command);
  cache.add(command);
}

EvaluationFormat EvalFlags::format() const { return format_of(given_format, output, kEvaluationFormats); }

std::vector<RunVariant> EvalFlags::variants() const {
  std::vector<RunVariant> variants;
  std::ranges::transform(compare, std::back_inserter(variants), parse_run_variant);
  // Reports tell runs apart by their names.
  std::set<std::string_view> names = {kFirstRun};
  for (const RunVariant& variant : variants) {
    if (!names.insert(variant.name).second)
      throw Error(ErrorKind::kUsage, "--compare: two runs are named " + variant.name +
                                         "; give each its own name, and none is " + std::string(kFirstRun));
  }
  return variants;
}

NamedInputs EvalFlags::inputs() const {
  NamedInputs inputs = run.inputs();
  inputs.emplace_back("DIR", source.source);
  for (const RunVariant& variant : variants()) {
    inputs.emplace_back("--compare " + variant.name + ":labels", variant.labels.value_or(""));
    inputs.emplace_back("--compare " + variant.name + ":templates", variant.templates_file.value_or(""));
  }
  return inputs;
}

void EvalFlags::validate(const CommandDeclaration& command) const {
  static_cast<void>(format());
  run.scores.validate();
  messages.validate();
  source.features.validate(command, /*reads_pictures=*/false);
  require_inputs_once(inputs());
  if (few_shot.options.num_examples == 0) return;
  if (command.count("--probe-c") > 0 && few_shot.options.method != FewShotMethod::kProbe)
    refuse_few_shot("--probe-c is for the probe alone; add --few-shot-method probe");
  if (!compare.empty()) refuse_few_shot("compares with the prompts already; leave out --compare");
  if (!run.scores.none.empty())
    refuse_few_shot("no prompt of --none can be weighed against pictures; leave it out");
  if (!run.scores.calibration.empty())
    refuse_few_shot("makes other labels than --calibration was fitted for");
}

void add_eval(Program& program) {
  CommandDeclaration& command = program.add(
      "eval", "Measure how often labelled pictures get their label; compare labels, prompts, models");
  const auto flags = std::make_shared<EvalFlags>();
  flags->add(command);
  command.examples({{"clipcls eval photos", "the folders in it are the labels"},
                    {"clipcls eval photos --compare large:model=ViT-L/14", "two models, side by side"},
                    {"clipcls eval photos -l labels.txt -o report.html", "a page with the mistakes"}});
  command.exit_codes(image_exit_codes());
  command.runs([flags, &command] {
    flags->validate(command);
    return evaluate(*flags);
  });
}

}  // namespace clipcls
