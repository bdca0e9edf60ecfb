#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "model/model_config.h"

namespace clipcls {

/// Token ids of several prompts, [rows, length], row-major; short rows end in pad_token_id.
struct TokenIdBatch {
  std::size_t rows = 0;
  std::size_t length = 0;
  std::vector<std::int64_t> token_ids;  ///< rows * length ids
  /// Ids that all rows begin with, none of them the end token: an encoder may compute them once.
  std::size_t prefix_length = 0;

  /// Tokens to compute where the common ones are computed once.
  std::size_t num_tokens() const { return prefix_length + rows * (length - prefix_length); }
};

/// How the prompts of a run are encoded.
struct TextEncodingPlan {
  std::size_t num_tokens = 0;    ///< of all batches, see TokenIdBatch::num_tokens
  std::size_t num_workers = 0;   ///< threads in all; 0: the library's choice
  std::size_t num_encoders = 1;  ///< calls at the same time; they share the threads
};

/// How the images of a run are encoded.
struct EncodingPlan {
  std::size_t num_images = 0;
  std::size_t batch_size = 0;    ///< images in one call of encode(), the last may have fewer; 0: any number
  std::size_t num_workers = 0;   ///< threads in all; 0: the library's choice
  std::size_t num_encoders = 1;  ///< calls at the same time; they share the threads
};

/// An image encoder that is ready for a plan. Several threads may call it at once; it may outlive its model.
class ImageEncoder {
 public:
  ImageEncoder() = default;
  virtual ~ImageEncoder() = default;
  ImageEncoder(const ImageEncoder&) = delete;
  ImageEncoder& operator=(const ImageEncoder&) = delete;
  ImageEncoder(ImageEncoder&&) = delete;
  ImageEncoder& operator=(ImageEncoder&&) = delete;

  /// image_features [batch, embed_dim], not normalised. `pixel_values`: [batch, 3, image_size, image_size].
  /// Throws Error (kModel) when the encoder fails or returns another shape or a value that is not finite.
  virtual Matrix encode(std::span<const float> pixel_values, std::size_t batch) const = 0;
};

/// A text encoder that is ready for a plan. Several threads may call it at once; it may outlive its model.
class TextEncoder {
 public:
  TextEncoder() = default;
  virtual ~TextEncoder() = default;
  TextEncoder(const TextEncoder&) = delete;
  TextEncoder& operator=(const TextEncoder&) = delete;
  TextEncoder(TextEncoder&&) = delete;
  TextEncoder& operator=(TextEncoder&&) = delete;

  /// text_features [rows, embed_dim], not normalised. `prompts.length` is at most context_length.
  /// Throws Error (kModel) as ImageEncoder::encode() does.
  virtual Matrix encode(const TokenIdBatch& prompts) const = 0;
};

/// How an encoder runs now.
struct EncoderState {
  std::string name;  ///< "image encoder" | "text encoder"
  bool is_optimized = false;
  std::string details;  ///< what was made faster, or why nothing was
};

/// One line that says whether an encoder runs optimised, with what was done or why not.
inline std::string describe_encoder(const EncoderState& encoder) {
  return "the " + encoder.name + (encoder.is_optimized ? " runs optimised: " : " does not run optimised: ") +
         encoder.details;
}

/// The seam between clipcls and the runtime that computes the encoders. An encoder may be loaded as late as
/// at its first use.
class ClipModel {
 public:
  virtual ~ClipModel() = default;

  virtual const ModelConfig& config() const = 0;

  /// An encoder for a run, loaded if it was not. Any thread may ask, also while other encoders of this model
  /// are at work: threads and batch size are each one's own. Weights are packed once, where a plan is large
  /// enough to repay it; calls that are running are waited for, and later ones of all encoders use the packed
  /// weights, which changes features by rounding alone. Throws Error (kModel).
  virtual std::unique_ptr<const ImageEncoder> prepare_images(const EncodingPlan& plan) = 0;
  virtual std::unique_ptr<const TextEncoder> prepare_texts(const TextEncodingPlan& plan) = 0;

  /// The features of a few images or texts, by an encoder that is prepared for them alone.
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) {
    return prepare_images({batch, batch, 0, 1})->encode(pixel_values, batch);
  }
  Matrix encode_text(const TokenIdBatch& prompts) {
    return prepare_texts({prompts.num_tokens(), 0, 1})->encode(prompts);
  }

  /// Load an encoder now, so that what is wrong with it shows before the first result. Any thread may call
  /// them. They throw Error (kModel).
  virtual void load_image_encoder() {}
  virtual void load_text_encoder() {}

  /// Checksums of all that image_features and text_features depend on besides the precision: see
  /// ModelFingerprints. Empty: unknown.
  virtual std::string image_fingerprint() const { return {}; }
  virtual std::string text_fingerprint() const { return {}; }

  /// What the encoders compute in.
  virtual std::string precision() const { return "fp32"; }

  /// Where the processor cannot compute in precision(): what is done instead, and what it costs. Else empty.
  virtual std::string precision_note() const { return {}; }

  /// How the encoders run that have been loaded.
  virtual std::vector<EncoderState> encoder_states() const { return {}; }

 protected:
  ClipModel() = default;
  ClipModel(const ClipModel&) = default;
  ClipModel& operator=(const ClipModel&) = default;
  ClipModel(ClipModel&&) = default;
  ClipModel& operator=(ClipModel&&) = default;
};

}  // namespace clipcls
