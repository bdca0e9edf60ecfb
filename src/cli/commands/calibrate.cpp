#include "cli/commands/calibrate.h"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/flags/label_requests.h"
#include "cli/flags/planned_runs.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "cli/terminal/text_table.h"
#include "evaluation/fit_calibration.h"
#include "model/load_model.h"

namespace clipcls {
namespace {

std::string decimals(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

void write_text(std::ostream& output, const FittedCalibration& fitted, const std::string& file) {
  output << fitted.num_images << " images, " << fitted.calibration.labels.size() << " labels; written to "
         << file << "\n\n"
         << "temperature              " << decimals("%.4f", fitted.temperature.temperature) << '\n'
         << "negative log-likelihood  " << decimals("%.4f", fitted.temperature.loss_before) << " -> "
         << decimals("%.4f", fitted.temperature.loss_after) << '\n'
         << "calibration error (ECE)  " << decimals("%.2f %%", 100 * fitted.error_before) << " -> "
         << decimals("%.2f %%", 100 * fitted.error_after) << "\n\n";
  std::vector<std::vector<std::string>> rows = {{"label", "threshold", "F1", "precision", "recall"}};
  for (std::size_t label = 0; label < fitted.calibration.labels.size(); ++label) {
    const auto& threshold = fitted.thresholds[label];
    if (!threshold) continue;
    rows.push_back({fitted.calibration.labels[label], decimals("%.4f", threshold->threshold),
                    decimals("%.3f", threshold->f1), decimals("%.3f", threshold->precision),
                    decimals("%.3f", threshold->recall)});
  }
  write_text_table(output, rows);
}

void write_json(std::ostream& output, const FittedCalibration& fitted) {
  using nlohmann::ordered_json;
  ordered_json labels = ordered_json::array();
  for (std::size_t label = 0; label < fitted.calibration.labels.size(); ++label) {
    labels.push_back({{"label", fitted.calibration.labels[label]}, {"threshold", nullptr}});
    if (const auto& threshold = fitted.thresholds[label]) {
      labels.back() = {{"label", fitted.calibration.labels[label]},
                       {"threshold", threshold->threshold},
                       {"f1", threshold->f1},
                       {"precision", threshold->precision},
                       {"recall", threshold->recall}};
    }
  }
  const ordered_json document = {{"num_images", fitted.num_images},
                                 {"temperature", fitted.temperature.temperature},
                                 {"loss_before", fitted.temperature.loss_before},
                                 {"loss_after", fitted.temperature.loss_after},
                                 {"calibration_error_before", fitted.error_before},
                                 {"calibration_error_after", fitted.error_after},
                                 {"labels", labels}};
  output << document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

void warn(const FittedCalibration& fitted) {
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
    print_warning(std::to_string(num_without) + " of " + std::to_string(fitted.calibration.labels.size()) +
                  " labels have no picture and get no threshold");
  }
}

}  // namespace

int calibrate(const CalibrateOptions& options) {
  const LabelledImages images = read_labelled_images(options.source);
  const PlannedRun planned = plan_run("", options, images, options.source);
  const EvaluationRun& run = planned.run;
  OutputFile file(OutputTarget({.path = options.output,
                                .kind = OutputKind::kCalibration,
                                .replaces_anything = options.overwrites,
                                .remedy = kOverwriteRemedy},
                               files_in_use({&planned, 1}, images, options.source, options.image_features)));
  OutputFile summary;

  const std::unique_ptr<ClipModel> model = load_model(run.model, run.load);
  if (options.is_verbose) print_model(run.model, *model);
  const LabelEmbedding embedding = make_label_embedding(options, run.model, *model);
  const Classifier classifier = make_classifier(*model, run.labels, embedding);
  const LabelledFeatures features =
      encode_labelled_images(images, *model, options.batch, options.image_features, print_message);
  const FittedCalibration fitted = fit_calibration(run, classifier, images, features, *model, embedding);

  if (!options.is_quiet) warn(fitted);
  file.stream() << write_calibration(fitted.calibration);
  file.commit();
  const int exit_code = features.num_failed == 0 ? 0 : 1;
  if (options.output.empty()) return exit_code;  // standard output is taken
  if (options.format == DocumentFormat::kJson) {
    write_json(summary.stream(), fitted);
  } else {
    write_text(summary.stream(), fitted, options.output);
  }
  summary.check();
  return exit_code;
}

}  // namespace clipcls
