#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/calibration_file.h"
#include "cli/commands/commands.h"
#include "cli/evaluation_runs.h"
#include "cli/find_model.h"
#include "cli/flags/document_format.h"
#include "cli/flags/labelled_source_flags.h"
#include "cli/flags/library_options.h"
#include "cli/flags/output_flags.h"
#include "cli/program.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/message.h"
#include "clipcls/evaluation/calibrate.h"
#include "json/write_json.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

struct CalibrateFlags {
  LabelledSourceFlags source;
  DecodeFlags decode;
  BatchFlags batch;
  ModelFlags model;
  MessageFlags messages;
  LabelFlags labels;
  OutputFlags output;  ///< the calibration file
  DocumentFormat format = DocumentFormat::kText;
  CacheFlags cache;

  void add(CommandDeclaration& command);
  /// Throws Error (kUsage).
  void validate(const CommandDeclaration& command) const;
  NamedInputs inputs() const;
};

void CalibrateFlags::add(CommandDeclaration& command) {
  source.add(command);
  decode.add(command);
  batch.add(command);
  model.add(command);
  messages.add(command, "No warnings");
  labels.add(command);
  command.add_option("-o,--output", output.output, "The calibration file to write; '-' is standard output")
      ->required()
      ->type_name("FILE");
  output.add_overwrite(command, "Replace a file that is no calibration, too");
  command.add_choice("-f,--format", format, kDocumentFormats,
                     "Of the summary on standard output; default: text");
  cache.add(command);
}

void CalibrateFlags::validate(const CommandDeclaration& command) const {
  messages.validate();
  source.features.validate(command, /*reads_pictures=*/false);
  require_inputs_once(inputs());
}

NamedInputs CalibrateFlags::inputs() const { return joined(labels.inputs(), {{"DIR", source.source}}); }

struct Fitted {
  TemperatureFit temperature;
  double error_before = 0;  ///< calibration error at temperature 1
  double error_after = 0;
  std::vector<std::optional<ThresholdFit>> thresholds;  ///< [num_labels]
};

Fitted fit(const Classifier& classifier, const LabelledFeatures& features,
           const std::vector<std::size_t>& targets, std::size_t num_labels) {
  const AnswerLogits answers = classifier.answer_logits(features.features.values, features.features.rows);
  Fitted fitted;
  fitted.temperature = fit_temperature(
      answers.logits, targets,
      classifier.rule().kind == ScoreKind::kSigmoid ? CalibrationLoss::kSigmoid : CalibrationLoss::kSoftmax);
  std::vector<double> similarities(targets.size());
  std::vector<std::uint8_t> is_positive(targets.size());
  for (std::size_t label = 0; label < num_labels; ++label) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      similarities[i] = answers.similarities[i * num_labels + label];
      is_positive[i] = targets[i] == label ? 1 : 0;
    }
    fitted.thresholds.push_back(fit_threshold(similarities, is_positive));
  }
  return fitted;
}

double calibration_error(const PlannedRun& run, const LabelledImages& images,
                         const LabelledFeatures& features, const std::filesystem::path& path,
                         ClipModel& model) {
  std::vector<std::size_t> rows(features.images.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  LabelOptions quiet = run.options;
  quiet.is_quiet = true;  // warnings were given when the labels were embedded first
  quiet.is_verbose = false;
  const Classifier classifier = embed_labels(run.labels, path, model, quiet);
  const std::vector<Outcome> outcomes =
      classify_labelled(classifier, features, rows, images, run.label_of_class);
  return compute_metrics(outcomes, run.labels.names.size(), true).calibration_error.value_or(0);
}

void write_text(std::ostream& output, const Fitted& fitted, const PlannedRun& run, std::size_t num_images,
                const std::string& file) {
  output << num_images << " images, " << run.labels.names.size() << " labels; written to " << file << "\n\n"
         << "temperature              " << fmt::format("{:.4f}", fitted.temperature.temperature) << '\n'
         << "negative log-likelihood  " << fmt::format("{:.4f}", fitted.temperature.loss_before) << " -> "
         << fmt::format("{:.4f}", fitted.temperature.loss_after) << '\n'
         << "calibration error (ECE)  " << percentage(fitted.error_before) << " -> "
         << percentage(fitted.error_after) << "\n\n";
  std::vector<std::vector<std::string>> rows = {{"label", "threshold", "F1", "precision", "recall"}};
  for (std::size_t label = 0; label < run.labels.names.size(); ++label) {
    const auto& threshold = fitted.thresholds[label];
    if (!threshold) continue;
    rows.push_back({run.labels.names[label], fmt::format("{:.4f}", threshold->threshold),
                    fmt::format("{:.3f}", threshold->f1), fmt::format("{:.3f}", threshold->precision),
                    fmt::format("{:.3f}", threshold->recall)});
  }
  write_text_table(output, rows);
}

void write_fitted_json(std::ostream& output, const Fitted& fitted, const PlannedRun& run,
                       std::size_t num_images) {
  using nlohmann::ordered_json;
  ordered_json labels = ordered_json::array();
  for (std::size_t label = 0; label < run.labels.names.size(); ++label) {
    labels.push_back({{"label", run.labels.names[label]}, {"threshold", nullptr}});
    if (const auto& threshold = fitted.thresholds[label]) {
      labels.back() = {{"label", run.labels.names[label]},
                       {"threshold", threshold->threshold},
                       {"f1", threshold->f1},
                       {"precision", threshold->precision},
                       {"recall", threshold->recall}};
    }
  }
  const ordered_json document = {{"num_images", num_images},
                                 {"temperature", fitted.temperature.temperature},
                                 {"loss_before", fitted.temperature.loss_before},
                                 {"loss_after", fitted.temperature.loss_after},
                                 {"calibration_error_before", fitted.error_before},
                                 {"calibration_error_after", fitted.error_after},
                                 {"labels", labels}};
  output << write_json(document) << '\n';
}

void warn(const Fitted& fitted, const PlannedRun& run) {
  if (fitted.temperature.is_at_limit) {
    print_warning(
        fitted.temperature.temperature < 1
            ? "every picture has its label first, so no temperature is too low; calibrate with more "
              "or harder pictures"
            : "the labels' scores say nothing about these pictures, so no temperature is too high");
  }
  std::size_t num_without = 0;
  for (const auto& threshold : fitted.thresholds) num_without += threshold ? 0 : 1;
  if (num_without > 0) {
    print_warning(std::to_string(num_without) + " of " + std::to_string(run.labels.names.size()) +
                  " labels have no picture and get no threshold");
  }
}

/// Fits a temperature and a threshold for each label to labelled images, writes them to a file and prints a
/// summary. Returns the exit code: 0, or 1 when some images failed.
int calibrate(const CalibrateFlags& flags) {
  const std::string& source = flags.source.source;
  const std::string& image_features = flags.source.features.image_features;
  LabelOptions options = label_options(flags.labels, {}, {}, flags.model, flags.cache, flags.messages);
  options.batch = encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  const LabelledImages images = read_labelled_images(source);
  PlannedRun run;
  run.options = options;
  collect_labels_for(images, source, run);
  run.model = find_model(options.model);
  const std::filesystem::path& path = run.model;
  OutputFile file(OutputTarget({.path = flags.output.path(),
                                .kind = OutputKind::kCalibration,
                                .replaces_anything = flags.output.overwrites,
                                .remedy = kOverwriteRemedy},
                               files_in_use({&run, 1}, images, source, image_features)));
  OutputFile summary;

  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  const Classifier classifier = embed_labels(run.labels, path, *model, run.options);
  const LabelledFeatures features =
      encode_labelled_images(images, *model, options, image_features, /*is_silent=*/false);
  std::vector<std::size_t> targets;
  for (const std::size_t image : features.images)
    targets.push_back(run.label_of_class[images.classes[image]]);
  Fitted fitted = fit(classifier, features, targets, run.labels.names.size());

  Calibration calibration;
  calibration.model = model->config().name;
  calibration.image_fingerprint = model->image_fingerprint();
  calibration.text_fingerprint = model->text_fingerprint();
  calibration.labels_checksum =
      labels_checksum(run.labels.label_set, fill_prompts(run.labels, model->config()));
  calibration.kind = classifier.rule().kind;
  calibration.temperature = fitted.temperature.temperature;
  calibration.labels = run.labels.names;
  for (const auto& threshold : fitted.thresholds)
    calibration.thresholds.push_back(threshold ? std::optional(threshold->threshold) : std::nullopt);
  fitted.error_before = calibration_error(run, images, features, path, *model);
  run.labels.calibration = calibration;
  fitted.error_after = calibration_error(run, images, features, path, *model);

  if (!options.is_quiet) warn(fitted, run);
  file.stream() << write_calibration(calibration);
  file.commit();
  if (flags.output.path().empty()) return features.num_failed == 0 ? 0 : 1;  // standard output is taken
  if (flags.format == DocumentFormat::kJson) {
    write_fitted_json(summary.stream(), fitted, run, targets.size());
  } else {
    write_text(summary.stream(), fitted, run, targets.size(), flags.output.path());
  }
  summary.check();
  return features.num_failed == 0 ? 0 : 1;
}

}  // namespace

void add_calibrate(Program& program) {
  CommandDeclaration& command =
      program.add("calibrate", "Fit temperature and thresholds to labelled pictures, for --calibration");
  const auto flags = std::make_shared<CalibrateFlags>();
  flags->add(command);
  command.runs([flags, &command] {
    flags->validate(command);
    return calibrate(*flags);
  });
}

}  // namespace clipcls
