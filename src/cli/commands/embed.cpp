#include "cli/commands/embed.h"

#include "cli/flags/require_model.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "cli/terminal/run_progress.h"
#include "clipcls/files/partial_folder.h"
#include "clipcls/pipeline/encode_images.h"
#include "clipcls/pipeline/feature_folder.h"
#include "clipcls/report/report.h"
#include "model/load_model.h"

namespace clipcls {

int embed(const EmbedOptions& options) {
  const std::unique_ptr<ImageSource> images = open_images(options, options.is_quiet, nullptr);
  const std::filesystem::path path = require_model(options.model);
  const FolderRequest request{.path = options.output,
                              .kind = OutputKind::kFeatureFolder,
                              .replaces = options.overwrites,
                              .remedy = kOverwriteRemedy};
  require_folder_can_be_made(request);
  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  model->load_image_encoder();
  if (options.is_verbose) print_model(path, *model);

  FeatureFolderWriter features(request, embedding_info(*model));
  OutputFile errors(OutputTarget({.path = features.partial_folder() / "errors.jsonl"}, {}));
  const std::unique_ptr<ReportWriter> error_report =
      make_report_writer(ReportFormat::kJsonl, errors.stream(), {});
  ImageRun run(options, "embedded");
  EncodeOptions how = options.batch;
  how.goes_on = [&run] { return run.goes_on(); };
  encode_images(*images, *model, how, [&](const EncodedBatch& batch) {
    std::size_t row = 0;
    for (const ImageResult& result : batch.results) {
      run.count(result);
      if (result.error) {
        error_report->write(result);
      } else {
        features.add(result.path, batch.image_features.row(row++));
      }
    }
  });
  if (Interruption::has_happened() && run.num_done() == 0) return run.finish();
  error_report->finish();
  errors.commit();
  features.commit();
  if (options.is_verbose) {
    for (const EncoderState& encoder : model->encoder_states()) print_message(describe_encoder(encoder));
  }
  return run.finish();
}

}  // namespace clipcls
