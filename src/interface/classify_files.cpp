// Files and folders to results: the pipeline of the command line, on an encoder that others may use
// meanwhile.
#include <utility>

#include "clipcls/classifier.h"
#include "interface/classifier_impl.h"
#include "interface/image_impl.h"
#include "interface/model_impl.h"
#include "pipeline/batch_pipeline.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

/// A model's image encoder for one run: prepared as the run plans it, whatever other calls do in between.
class RunsEncoder final : public ClipModel {
 public:
  explicit RunsEncoder(Model::Impl& model) : model_(model) {}

  const ModelConfig& config() const override { return model_.clip->config(); }
  void prepare_for_images(const EncodingPlan& plan) override { plan_ = plan; }
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) override {
    return model_.image_encoder.encode_image(pixel_values, batch, plan_);
  }
  Matrix encode_text(const TokenIdBatch& prompts) override { return model_.clip->encode_text(prompts); }

 private:
  Model::Impl& model_;
  EncodingPlan plan_;
};

BatchOptions batch_options(const FileOptions& options, std::size_t top_k, std::size_t num_threads) {
  if (options.batch_size == 0)
    throw Error(ErrorKind::kInvalidArgument, "`batch_size` is 0, and must be at least 1");
  BatchOptions batch;
  batch.batch_size = options.batch_size;
  batch.num_workers = num_threads;
  batch.decode = decode_options(options.image);
  batch.is_draft = options.is_draft;
  batch.keep_running = [stop = options.stop] { return !stop.stop_requested(); };
  batch.top_k = top_k;
  return batch;
}

}  // namespace

void Classifier::classify_files(const std::vector<std::string>& paths,
                                const std::function<void(FileResult)>& on_result,
                                const FileOptions& options) const {
  Model::Impl& model = *impl_->model.impl();
  const BatchOptions batch = batch_options(options, impl_->top_k(options.top_k), model.num_threads);
  const std::unique_ptr<ImageSource> images =
      make_path_source(paths, {.is_recursive = options.is_recursive, .on_warning = options.on_warning});
  RunsEncoder encoder(model);
  run_batch_pipeline(*images, encoder, impl_->ranking, batch, [&](ImageResult result) {
    on_result({std::move(result.path), impl_->predictions(result.predictions), std::move(result.error)});
  });
}

std::vector<FileResult> Classifier::classify_files(const std::vector<std::string>& paths,
                                                   const FileOptions& options) const {
  std::vector<FileResult> results;
  classify_files(
      paths, [&](FileResult result) { results.push_back(std::move(result)); }, options);
  return results;
}

}  // namespace clipcls
