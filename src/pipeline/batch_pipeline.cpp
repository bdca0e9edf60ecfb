#include "pipeline/batch_pipeline.h"

#include <utility>
#include <vector>

namespace clipcls {

void run_batch_pipeline(ImageSource& source, ClipModel& model, const ZeroShotClassifier& classifier,
                        const BatchOptions& options, const std::function<void(ImageResult)>& on_result) {
  encode_images(source, model, options, [&](EncodedBatch batch) {
    auto predictions =
        classifier.classify(batch.image_features.values, batch.image_features.rows, options.top_k);
    // Images that failed have no row of features, so rows and results are counted apart.
    std::size_t row = 0;
    for (ImageResult& result : batch.results) {
      if (!result.error) result.predictions = std::move(predictions[row++]);
      on_result(std::move(result));
    }
  });
}

}  // namespace clipcls
