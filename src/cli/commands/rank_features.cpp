#include <algorithm>
#include <utility>

#include "cli/commands/classify.h"
#include "cli/flags/label_requests.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "cli/terminal/run_progress.h"
#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/thumbnail.h"
#include "interface/require_model.h"
#include "model/load_model.h"
#include "pipeline/feature_folder.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

// Rows that are ranked before the first of them is printed; memory does not grow with their number.
constexpr std::size_t kRowsAtOnce = 256;

/// Empty: none is asked for, or the picture is not there any more.
std::vector<std::uint8_t> thumbnail_of(const std::string& path, std::size_t page,
                                       const BatchOptions& options) {
  if (options.thumbnail_size == 0 || path == kStdinName) return {};
  try {
    DecodeOptions decode = options.decode;
    decode.page = static_cast<int>(page);
    return make_thumbnail(decode_image(read_image_bytes({path}), decode), options.thumbnail_size);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

int rank_features(const ClassifyFlags& flags, const ClassifyPlan& plan) {
  const LabelRequest labels =
      make_label_request(flags.labels, flags.scores, flags.multi_label, warnings_of(flags.messages));
  const FeatureFolder features(flags.features.image_features);
  const std::filesystem::path path = require_model(flags.model.model);
  OutputFile output(
      results_target(flags.results, files_in_use(flags.inputs(), path, flags.features.image_features)));

  const std::unique_ptr<ClipModel> model = load_model(path, plan.load);
  features.require_model(*model);
  if (flags.messages.is_verbose) print_model(path, *model);
  const ZeroShotClassifier classifier = make_classifier(
      *model, labels, make_label_embedding(flags.cache, flags.model, flags.messages, path, *model));

  ReportOptions report_about = report_options(flags.results, plan.batch.top_k, labels.answers());
  report_about.threshold = labels.threshold;
  report_about.model = about_model(model->config());
  report_about.score_kind = classifier.rule().kind;
  const std::size_t num_images = features.paths().size();
  report_about.has_several_images = num_images > 1;
  const std::unique_ptr<ReportWriter> report = make_report_writer(plan.format, output.stream(), report_about);
  RunProgress run({.is_quiet = flags.messages.is_quiet,
                   .is_verbose = flags.messages.is_verbose,
                   .shows_progress = shows_progress(flags.progress, flags.messages)},
                  "classified");
  for (std::size_t begin = 0; begin < num_images && !run.stop_token().stop_requested();
       begin += kRowsAtOnce) {
    const std::size_t num_rows = std::min(kRowsAtOnce, num_images - begin);
    auto predictions =
        classifier.classify(features.image_features().block(begin, num_rows), num_rows, plan.batch.top_k);
    for (std::size_t row = 0; row < num_rows; ++row) {
      const std::string& image = features.paths()[begin + row];
      const ImageResult result{image, std::move(predictions[row]), std::nullopt,
                               thumbnail_of(image, features.info().page, plan.batch)};
      run.count(result);
      const HeldMessages no_message_between(report_about.is_terminal);
      report->write(result);
    }
    output.check();
  }
  {
    const HeldMessages no_message_between(report_about.is_terminal);
    report->finish();
  }
  output.commit();
  return run.finish();
}

}  // namespace clipcls
