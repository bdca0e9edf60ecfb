#include "cli/commands/classify.h"

#include <future>

#include "cli/flags/label_requests.h"
#include "cli/flags/parameter_names.h"
#include "cli/results/files_in_use.h"
#include "cli/results/named_images.h"
#include "cli/results/output_file.h"
#include "cli/results/resumable_file.h"
#include "cli/results/resumed_source.h"
#include "cli/results/run_settings.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "cli/terminal/resume_command.h"
#include "cli/terminal/run_progress.h"
#include "cli/terminal/timings.h"
#include "interface/require_model.h"

namespace clipcls {
namespace {

std::unique_ptr<ResumableFile> open_resumable_file(const OutputTarget& target, const ClassifyFlags& flags,
                                                   const ClassifyPlan& plan, const RowsToRedo& redone,
                                                   const ReportOptions& report, const LabelRequest& labels) {
  if (ResumableFile::can_hold(target, plan.format)) {
    return std::make_unique<ResumableFile>(target, plan.format, flags.results.is_resumed, redone, report,
                                           run_settings(plan.values(), labels), warnings_of(flags.messages));
  }
  if (flags.results.is_resumed) {
    throw Error(ErrorKind::kOutput,
                flags.results.output.path() + ": is not an ordinary file, which --resume needs");
  }
  return nullptr;
}

std::unique_ptr<OutputFile> open_output(const OutputTarget& target, const ResumableFile* resumable) {
  return resumable != nullptr ? std::make_unique<OutputFile>(target, resumable->partial_path())
                              : std::make_unique<OutputFile>(target);
}

/// The command that does what is left when this run is interrupted.
std::string how_to_resume(const InputFlags& input) {
  const bool reads_names = input.files_from == kStdinName;
  return resume_command() + (reads_names ? "   (with the same list on standard input)" : "");
}

}  // namespace

int classify_images(const ClassifyFlags& flags, const ClassifyPlan& plan) {
  Timings timings;
  const bool is_quiet = flags.messages.is_quiet;
  // Everything that can be wrong without the model is found before it is loaded.
  const LabelRequest labels =
      make_label_request(flags.labels, flags.scores, flags.multi_label, warnings_of(flags.messages));
  PhotoActions photos(flags.photos, labels.answers(), flags.input, is_quiet);
  const std::filesystem::path path = require_model(flags.model.model);
  const OutputTarget target = results_target(flags.results, files_in_use(flags.inputs(), path));
  photos.leave_in_place(stays_in_place(files_in_use(flags.inputs_besides_images(), path), target));
  ReportOptions report_about = report_options(flags.results, plan.batch.top_k, labels.answers());
  std::unique_ptr<ImageSource> images;
  RowsToRedo redone{flags.results.retries_errors, flags.results.updates};
  // Only a row whose image comes in this run may be given up.
  if (redone.is_any()) {
    NamedImages named = read_names(open_images(flags.input, is_quiet, &target));
    images = std::move(named.images);
    redone.paths = std::move(named.paths);
  }
  const std::unique_ptr<ResumableFile> resumable =
      open_resumable_file(target, flags, plan, redone, report_about, labels);
  const std::unique_ptr<OutputFile> output = open_output(target, resumable.get());
  if (!images) images = open_images(flags.input, is_quiet, &target);
  timings.mark("flags, labels, output");

  const std::unique_ptr<ClipModel> model = flags.via.load(path, plan.load, warnings_of(flags.messages));
  timings.mark("model: configuration, checksums");
  // The image encoder's weights are read while the labels are embedded.
  // Where no thread can be started they are read behind that, by get().
  std::future<void> image_encoder =
      std::async(std::launch::async | std::launch::deferred, [&model] { model->load_image_encoder(); });
  if (flags.messages.is_verbose) print_model(path, *model);
  if (!is_quiet) introduce_bundled_model(flags.model.model, *model);
  const ZeroShotClassifier classifier = make_classifier(
      *model, labels, make_label_embedding(flags.cache, flags.model, flags.messages, path, *model));
  timings.mark("label embeddings");
  const bool is_sigmoid = classifier.rule().kind == ScoreKind::kSigmoid;
  if (is_sigmoid && !is_quiet) explain_sigmoid();
  image_encoder.get();
  timings.mark("image encoder: waited for its weights");

  const ReportRows nothing;
  const ReportRows& kept = resumable ? resumable->rows() : nothing;
  // From here on a signal is noted, before there are files that it must not leave behind.
  RunProgress run({.is_quiet = is_quiet,
                   .is_verbose = flags.messages.is_verbose,
                   .shows_progress = shows_progress(flags.progress, flags.messages),
                   .open_to_count = opener_for_counting(flags.input),
                   .how_to_resume = resumable ? how_to_resume(flags.input) : ""},
                  "classified", kept.num_images, kept.num_failed);
  if (resumable) {
    resumable->begin(model_settings(classifier.rule().kind, *model));
    images = skip_finished_images(std::move(images), *resumable);
  }
  report_about.threshold = labels.threshold;
  report_about.model = about_model(model->config());
  if (is_sigmoid) report_about.model += std::string(" (") + kAboutSigmoid + ")";
  report_about.score_kind = classifier.rule().kind;
  report_about.has_several_images = may_be_several(flags.input);
  report_about.is_continued = kept.num_bytes > 0;
  report_about.style.shows_moves = photos.moves_files();
  const std::unique_ptr<ReportWriter> report =
      make_report_writer(plan.format, output->stream(), report_about);
  BatchOptions batch = plan.batch;
  batch.stop = run.stop_token();
  batch.times = &timings.encoding();
  try {
    run_batch_pipeline(*images, *model, classifier, batch, [&](ImageResult result) {
      run.count(result, photos.apply(result));
      {
        const HeldMessages no_message_between(report_about.is_terminal);
        report->write(with_flags(std::move(result)));
      }
      output->check();
    });
  } catch (...) {
    photos.say_how_to_undo();
    throw;
  }
  timings.mark("images");
  const bool is_interrupted = Interruption::has_happened();
  const bool is_part = is_interrupted || (batch.is_fail_fast && run.has_failures());
  if (!photos.finish(!is_part && !flags.results.is_resumed && flags.input.shard.num_shards == 1))
    run.note_failure();
  // An earlier file is not given up for nothing.
  if (is_interrupted && run.num_done() == 0) return run.finish();
  {
    const HeldMessages no_message_between(report_about.is_terminal);
    report->finish();
  }
  output->commit();
  if (resumable) resumable->finish(!is_part);
  if (flags.messages.is_verbose) print_encoders(*model);
  const int exit_code = run.finish();
  photos.summarize();
  timings.mark("output put in place");
  if (flags.shows_timings) timings.print();
  return exit_code;
}

}  // namespace clipcls
