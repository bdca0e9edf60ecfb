#include "rescore.h"

#include <algorithm>
#include <utility>

#include "clipcls/pipeline/feature_folder.h"
#include "embed_labels.h"
#include "find_model.h"
#include "output_file.h"

namespace clipcls {
namespace {

// Rows that are ranked before the first of them is printed; memory does not grow with their number.
constexpr std::size_t kBlockSize = 256;

}  // namespace

int rescore(const ClassifyOptions& options) {
  const RankedLabels labels = collect_labels(options);
  const FeatureFolder features(options.image_features);
  const std::filesystem::path path = find_model(options.model);
  OutputFile output(options.output);

  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  features.require_model(*model);
  const Classifier classifier = embed_labels(labels, path, *model, options);

  const std::size_t num_images = features.paths().size();
  const std::unique_ptr<ReportWriter> report = make_report_writer(
      options.format, output.stream(),
      {labels.names, score_kind(options, model->config()), num_images > 1, options.threshold});
  for (std::size_t begin = 0; begin < num_images; begin += kBlockSize) {
    const std::size_t num_rows = std::min(kBlockSize, num_images - begin);
    auto predictions =
        classifier.classify(features.image_features().block(begin, num_rows), num_rows, options.batch.top_k);
    for (std::size_t row = 0; row < num_rows; ++row)
      report->write({features.paths()[begin + row], std::move(predictions[row]), std::nullopt});
    output.check();
  }
  report->finish();
  output.commit();
  return 0;
}

}  // namespace clipcls
