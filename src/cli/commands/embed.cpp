#include <memory>

#include "cli/commands/commands.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/input_flags.h"
#include "cli/flags/label_requests.h"
#include "cli/flags/parameter_names.h"
#include "cli/flags/progress_flags.h"
#include "cli/flags/via.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "cli/terminal/run_progress.h"
#include "files/partial_folder.h"
#include "interface/require_model.h"
#include "pipeline/encode_images.h"
#include "pipeline/feature_folder.h"
#include "report/report.h"

namespace clipcls {
namespace {

struct EmbedFlags {
  InputFlags input;
  DecodeFlags decode;
  BatchFlags batch;
  ModelFlags model;
  ViaFlags via;
  ProgressFlags progress;
  MessageFlags messages;
  std::string output;       ///< the folder to make
  bool overwrites = false;  ///< `output`, a folder of image features

  void validate() const;
};

void EmbedFlags::validate() const {
  input.validate();
  messages.validate();
  progress.validate(messages);
  require_inputs_once(input.inputs());
}

/// Writes the image features of the images to a folder. Returns the exit code: 0, or 1 when some images
/// failed, which are left out and listed in its errors.jsonl.
int embed(const EmbedFlags& flags) {
  LoadOptions load = resolve_device(flags.model);
  load.on_warning = warnings_of(flags.messages);
  const bool is_quiet = flags.messages.is_quiet;
  const std::unique_ptr<ImageSource> images = open_images(flags.input, is_quiet, nullptr);
  const std::filesystem::path path = require_model(flags.model.model);
  const FolderRequest request{.path = flags.output,
                              .kind = OutputKind::kFeatureFolder,
                              .replaces = flags.overwrites,
                              .remedy = kOverwriteRemedy};
  require_folder_can_be_made(request);
  for (const auto& [flag, file] : flags.input.inputs()) {
    if (!file.empty()) require_outside(file == "-" ? "/dev/stdin" : file, flags.output);
  }
  const std::unique_ptr<ClipModel> model = flags.via.load(path, load, load.on_warning);
  model->load_image_encoder();
  if (flags.messages.is_verbose) print_model(path, *model);
  if (!is_quiet) introduce_bundled_model(flags.model.model, *model);

  EncodeOptions how = encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  EmbeddingInfo info = embedding_info(*model);
  info.resize_mode = resize_mode_word(preprocess_config(*model, how).resize_mode);
  info.page = static_cast<std::size_t>(how.decode.page);
  FeatureFolderWriter features(request, info);
  OutputFile errors(OutputTarget({.path = features.partial_folder() / "errors.jsonl"}, {}));
  const std::unique_ptr<ReportWriter> error_report =
      make_report_writer(ReportFormat::kJsonl, errors.stream(), {});
  RunProgress run({.is_quiet = is_quiet,
                   .is_verbose = flags.messages.is_verbose,
                   .shows_progress = shows_progress(flags.progress, flags.messages),
                   .open_to_count = opener_for_counting(flags.input)},
                  "embedded");
  how.stop = run.stop_token();
  encode_images(*images, *model, how, [&](const EncodedBatch& batch) {
    std::size_t row = 0;
    for (const ImageResult& result : batch.results) {
      run.count(result);
      if (result.error) {
        error_report->write(with_flags(result));
      } else {
        features.add(result.path, batch.image_features.row(row++));
      }
    }
  });
  if (Interruption::has_happened() && run.num_done() == 0) return run.finish();
  error_report->finish();
  errors.commit();
  features.commit();
  if (flags.messages.is_verbose) print_encoders(*model);
  return run.finish();
}

}  // namespace

void add_embed(Program& program) {
  CommandDeclaration& command =
      program.add("embed", "Write the features of images to a folder, for --image-features and for Python");
  const auto flags = std::make_shared<EmbedFlags>();
  flags->input.add(command);
  flags->decode.add(command);
  flags->batch.add(command);
  flags->model.add(command);
  flags->via.add(command);
  flags->progress.add(command);
  flags->messages.add(command, kQuietRunHelp);
  command.group(kOutputGroup);
  command
      .add_option("-o,--output", flags->output,
                  "Folder to create, for image_features.npy and what belongs to it")
      ->required()
      ->type_name("DIR")
      ->brief("Folder to create, for the features");
  command.add_flag("--overwrite", flags->overwrites, "Replace a folder of image features");
  command.examples({{"clipcls embed -r photos -o features", "encode a folder once"},
                    {"clipcls --image-features features -l pets", "rank it by any labels"}});
  command.exit_codes({{0, "every image was encoded"},
                      {1, "some images failed, each is reported on standard error"},
                      {2, "nothing could be done"},
                      {130, "Ctrl-C interrupted it (143: SIGTERM)"}});
  command.runs([flags] {
    flags->validate();
    return embed(*flags);
  });
}

}  // namespace clipcls
