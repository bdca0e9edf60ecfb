#pragma once

#include <cstddef>
#include <functional>

#include "model/clip_model.h"
#include "pipeline/encode_images.h"
#include "pipeline/image_result.h"
#include "pipeline/image_source.h"
#include "zero_shot/classifier.h"

namespace clipcls {

struct BatchOptions : EncodeOptions {
  std::size_t top_k = 5;
};

/// Classifies the images of `source` and hands each result to `on_result`, in input order, a batch at a time.
/// An input that cannot be read or decoded becomes a result with an error and the run goes on. Throws Error
/// (kModel) when the encoder itself fails; the results before that have been handed over.
void run_batch_pipeline(ImageSource& source, ClipModel& model, const ZeroShotClassifier& classifier,
                        const BatchOptions& options, const std::function<void(ImageResult)>& on_result);

}  // namespace clipcls
