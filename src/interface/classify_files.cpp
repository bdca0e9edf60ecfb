// Files and folders to results: the pipeline of the command line.
#include <utility>

#include "clipcls/classifier.h"
#include "interface/classifier_impl.h"
#include "interface/image_impl.h"
#include "interface/model_impl.h"
#include "pipeline/batch_pipeline.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

BatchOptions batch_options(const FileOptions& options, std::size_t top_k, std::size_t num_threads) {
  if (options.batch_size == 0 || options.batch_size > kMaxBatchSize)
    throw Error(ErrorKind::kInvalidArgument, "`batch_size` is " + std::to_string(options.batch_size) +
                                                 ", and must be 1 to " + std::to_string(kMaxBatchSize));
  BatchOptions batch;
  batch.batch_size = options.batch_size;
  batch.num_workers = num_threads;
  batch.decode = decode_options(options.image);
  batch.is_draft = options.is_draft;
  batch.stop = options.stop;
  batch.top_k = top_k;
  return batch;
}

}  // namespace

void Classifier::classify_files(const std::vector<std::string>& paths,
                                const std::function<void(FileResult)>& on_result,
                                const FileOptions& options) const {
  if (!on_result) throw Error(ErrorKind::kInvalidArgument, "`on_result` is empty: nobody takes the results");
  Model::Impl& model = *impl_->model.impl();
  const BatchOptions batch = batch_options(options, impl_->top_k(options.top_k), model.num_threads);
  const std::unique_ptr<ImageSource> images =
      make_path_source(paths, {.is_recursive = options.is_recursive, .on_warning = options.on_warning});
  run_batch_pipeline(*images, *model.clip, impl_->ranking, batch, [&](ImageResult result) {
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
