#include "classify.h"

#include <future>

#include "embed_labels.h"
#include "find_model.h"
#include "image_paths.h"
#include "message.h"
#include "output_file.h"

namespace clipcls {

int classify(const ClassifyOptions& options) {
  // Everything that can be wrong without the model is found before it is loaded.
  const RankedLabels labels = collect_labels(options);
  const std::vector<std::string> paths = collect_paths(options);
  const std::filesystem::path path = find_model(options.model);
  OutputFile output(options.output);

  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  // The image encoder's weights are read while the labels are embedded.
  std::future<void> image_encoder = std::async(std::launch::async, [&model] { model->load_image_encoder(); });
  const Classifier classifier = embed_labels(labels, path, *model, options);
  image_encoder.get();

  const std::unique_ptr<ReportWriter> report = make_report_writer(
      options.format, output.stream(),
      {labels.names, score_kind(options, model->config()), paths.size() > 1, options.threshold});
  std::size_t num_failed = 0;
  run_batch_pipeline(paths, *model, classifier, options.batch, [&](const ImageResult& result) {
    if (result.error) {
      ++num_failed;
      print_message(result.path + ": " + result.error->what());
    }
    report->write(result);
    output.check();
  });
  report->finish();
  output.commit();
  return num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
