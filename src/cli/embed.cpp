#include "embed.h"

#include "clipcls/pipeline/encode_images.h"
#include "clipcls/pipeline/feature_folder.h"
#include "clipcls/report/report.h"
#include "find_model.h"
#include "image_paths.h"
#include "message.h"
#include "output_file.h"

namespace clipcls {

int embed(const EmbedOptions& options) {
  const std::vector<std::string> paths = collect_paths(options);
  const std::filesystem::path path = find_model(options.model);
  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  model->load_image_encoder();
  if (options.is_verbose) {
    print_message("model " + model->config().name + " (" + path.string() + "), " +
                  std::to_string(paths.size()) + " images");
    print_message(describe_precision(*model));
  }

  FeatureFolderWriter features(options.output, embedding_info(*model));
  OutputFile errors(features.partial_folder() / "errors.jsonl");
  const std::unique_ptr<ReportWriter> error_report =
      make_report_writer(ReportFormat::kJsonl, errors.stream(), {});
  std::size_t num_failed = 0;
  encode_images(paths, *model, options.batch, [&](const EncodedBatch& batch) {
    std::size_t row = 0;
    for (const ImageResult& result : batch.results) {
      if (!result.error) {
        features.add(result.path, batch.image_features.row(row++));
        continue;
      }
      ++num_failed;
      print_message(result.path + ": " + result.error->what());
      error_report->write(result);
    }
  });
  error_report->finish();
  errors.commit();
  features.commit();
  if (options.is_verbose) {
    print_message(std::to_string(features.num_images()) + " images embedded in " + options.output + ", " +
                  std::to_string(num_failed) + " failed");
  }
  return num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
