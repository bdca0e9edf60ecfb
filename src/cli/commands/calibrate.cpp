#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/flags/document_format.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/label_requests.h"
#include "cli/flags/labelled_source_flags.h"
#include "cli/flags/output_flags.h"
#include "cli/flags/planned_runs.h"
#include "cli/help/exit_codes.h"
#include "cli/program.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "evaluation/fit_calibration.h"
#include "json/write_json.h"
#include "model/load_model.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

struct CalibrateFlags {
  LabelledSourceFlags source;
  DecodeFlags decode;
  BatchFlags batch;
  RunFlags run;  ///< none of the flags of scores
  MessageFlags messages;
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
  run.model.add(command);
  messages.add(command, "No warnings");
  run.labels.add(command);
  command.add_option("-o,--output", output.output, "The calibration file to write; '-' is standard output")
      ->required()
      ->type_name("FILE");
  output.add_overwrite(command, "Replace even a file that is not a calibration");
  command.add_choice("-f,--format", format, kDocumentFormats,
                     "Format of the summary on standard output; default: text");
  cache.add(command);
}

void CalibrateFlags::validate(const CommandDeclaration& command) const {
  messages.validate();
  source.features.validate(command, /*reads_pictures=*/false);
  require_inputs_once(inputs());
}

NamedInputs CalibrateFlags::inputs() const { return joined(run.inputs(), {{"DIR", source.source}}); }

void write_text_summary(std::ostream& output, const FittedCalibration& fitted, const std::string& file) {
  output << fitted.num_images << " images, " << fitted.calibration.labels.size() << " labels; written to "
         << file << "\n\n"
         << "temperature              " << fixed_digits(fitted.temperature.temperature, 4) << '\n'
         << "negative log-likelihood  " << fixed_digits(fitted.temperature.loss_before, 4) << " -> "
         << fixed_digits(fitted.temperature.loss_after, 4) << '\n'
         << "calibration error (ECE)  " << percentage(fitted.error_before) << " -> "
         << percentage(fitted.error_after) << "\n\n";
  std::vector<std::vector<std::string>> rows = {{"label", "threshold", "F1", "precision", "recall"}};
  for (std::size_t label = 0; label < fitted.calibration.labels.size(); ++label) {
    const auto& threshold = fitted.thresholds[label];
    if (!threshold) continue;
    rows.push_back({fitted.calibration.labels[label], fixed_digits(threshold->threshold, 4),
                    fixed_digits(threshold->f1, 3), fixed_digits(threshold->precision, 3),
                    fixed_digits(threshold->recall, 3)});
  }
  write_text_table(output, rows);
}

void write_json_summary(std::ostream& output, const FittedCalibration& fitted) {
  using nlohmann::ordered_json;
  ordered_json labels = ordered_json::array();
  for (std::size_t label = 0; label < fitted.calibration.labels.size(); ++label) {
    labels.push_back({{"label", fitted.calibration.labels[label]}, {"threshold", nullptr}});
    if (const auto& threshold = fitted.thresholds[label]) {
      labels.back() = {{"label", fitted.calibration.labels[label]},
                       {"threshold", result_number(threshold->threshold)},
                       {"f1", result_number(threshold->f1)},
                       {"precision", result_number(threshold->precision)},
                       {"recall", result_number(threshold->recall)}};
    }
  }
  const ordered_json document = {{"num_images", fitted.num_images},
                                 {"temperature", result_number(fitted.temperature.temperature)},
                                 {"loss_before", result_number(fitted.temperature.loss_before)},
                                 {"loss_after", result_number(fitted.temperature.loss_after)},
                                 {"calibration_error_before", result_number(fitted.error_before)},
                                 {"calibration_error_after", result_number(fitted.error_after)},
                                 {"labels", labels}};
  output << write_json(document) << '\n';
}

void warn(const FittedCalibration& fitted) {
  if (fitted.temperature.is_at_limit) {
    print_warning(fitted.temperature.temperature < 1
                      ? "every picture already ranks its label first, so the temperature has no optimum; "
                        "calibrate with more or harder pictures"
                      : "the scores do not tell these pictures apart, so the temperature has no optimum");
  }
  std::size_t num_without = 0;
  for (const auto& threshold : fitted.thresholds) num_without += threshold ? 0 : 1;
  if (num_without > 0) {
    print_warning(std::to_string(num_without) + " of " + std::to_string(fitted.calibration.labels.size()) +
                  " labels have no picture and get no threshold");
  }
}

/// Fits a temperature and a threshold for each label to labelled images, writes them to a file and prints a
/// summary. Returns the exit code: 0, or 1 when some images failed.
int calibrate(const CalibrateFlags& flags) {
  const std::string& source = flags.source.source;
  const std::string& image_features = flags.source.features.image_features;
  const LabelledImages images = read_labelled_images(source, flags.source.raw.raw_files());
  const PlannedRun planned = plan_run("", flags.run, images, source, flags.messages);
  const EvaluationRun& run = planned.run;
  OutputFile file(OutputTarget({.path = flags.output.path(),
                                .kind = OutputKind::kCalibration,
                                .replaces_anything = flags.output.overwrites,
                                .remedy = kOverwriteRemedy},
                               files_in_use({&planned, 1}, images, source, image_features)));
  OutputFile summary;

  const std::unique_ptr<ClipModel> model = load_model(run.model, run.load);
  if (flags.messages.is_verbose) print_model(run.model, *model);
  const LabelEmbedding embedding =
      make_label_embedding(flags.cache, flags.run.model, flags.messages, run.model, *model);
  const ZeroShotClassifier classifier = make_classifier(*model, run.labels, embedding);
  const LabelledFeatures features = encode_labelled_images(
      images, *model, encode_options(flags.batch, flags.decode, flags.run.model, flags.messages),
      image_features, print_message);
  const FittedCalibration fitted = fit_calibration(run, classifier, images, features, *model, embedding);

  if (!flags.messages.is_quiet) warn(fitted);
  file.stream() << write_calibration(fitted.calibration);
  file.commit();
  const int exit_code = features.num_failed == 0 ? 0 : 1;
  if (flags.output.path().empty()) return exit_code;  // standard output is taken
  if (flags.format == DocumentFormat::kJson) {
    write_json_summary(summary.stream(), fitted);
  } else {
    write_text_summary(summary.stream(), fitted, flags.output.path());
  }
  summary.check();
  return exit_code;
}

}  // namespace

void add_calibrate(Program& program) {
  CommandDeclaration& command =
      program.add("calibrate", "Fit temperature and thresholds to labelled pictures, for --calibration");
  const auto flags = std::make_shared<CalibrateFlags>();
  flags->add(command);
  command.examples({{"clipcls calibrate photos -o pets.json", "fit to photos/LABEL/..."},
                    {"clipcls photo.jpg -l pets --calibration pets.json", "use it"}});
  command.exit_codes(image_exit_codes());
  command.runs([flags, &command] {
    flags->validate(command);
    return calibrate(*flags);
  });
}

}  // namespace clipcls
