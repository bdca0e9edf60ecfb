#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/matrix.h"
#include "image/decode_image.h"
#include "image/preprocess.h"
#include "model/clip_model.h"
#include "pipeline/image_result.h"
#include "pipeline/image_source.h"

namespace clipcls {

/// What the threads of encode_images() spent, added up over them.
struct EncodeTimes {
  std::atomic<std::int64_t> loading_nanoseconds = 0;  ///< reading, decoding and resizing
  std::atomic<std::int64_t> encoding_nanoseconds = 0;
};

inline constexpr std::size_t kMaxBatchSize = 4096;

struct EncodeOptions {
  std::size_t batch_size = 16;  ///< images that are encoded together, 1 to kMaxBatchSize
  std::size_t num_workers = 0;  ///< threads that decode and encode; 0: one a core
  bool is_fail_fast = false;    ///< stop after the first input that fails
  DecodeOptions decode;
  bool is_draft = false;                    ///< JPEGs are decoded no larger than twice the model's size needs
  std::optional<ResizeMode> resize_mode{};  ///< in place of the model's
  EncodeTimes* times = nullptr;             ///< where given, it is added to
  int thumbnail_size = 0;  ///< longest side of the results' thumbnails in pixels; 0: none are made
  /// Told of each picture that lost something when it was decoded (`ImageResult::notes`): in input order, on
  /// the caller's thread.
  std::function<void(const ImageResult&)> on_loss = [](const ImageResult&) {};
  /// Once it is requested, the batches that are being encoded are finished and handed over, with those before
  /// them, and nothing else is begun.
  std::stop_token stop;
};

/// Inputs that were read together.
struct EncodedBatch {
  std::vector<ImageResult> results;  ///< in input order, predictions still empty
  Matrix image_features;  ///< [results without an error, embed_dim], in their order, not normalised
};

/// How `model` wants its images, but for what `options` say.
PreprocessConfig preprocess_config(const ClipModel& model, const EncodeOptions& options);

/// How `num_images` images are divided into batches and workers.
EncodingPlan plan_encoding(std::size_t num_images, const EncodeOptions& options);

/// Reads and encodes the images of `source` on several threads and hands over a batch at a time, in order, on
/// the caller's thread, which also reads the source. Memory holds a batch a worker and one more, and some
/// paths ahead. Where the next path is known without waiting, the batches depend on the number of paths and
/// on `options` alone. Where it is not, the images that have been named are encoded and handed over first. An
/// input that cannot be read or decoded becomes a result with an error and the run goes on. Throws Error
/// (kModel) when the encoder itself fails; the batches before that have been handed over.
void encode_images(ImageSource& source, ClipModel& model, const EncodeOptions& options,
                   const std::function<void(EncodedBatch)>& on_batch);

}  // namespace clipcls
