#pragma once

#include <cstddef>
#include <cstdint>
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
  std::size_t num_workers = 1;   ///< threads in all
  std::size_t num_encoders = 1;  ///< calls at the same time; they share the threads
};

/// How the images of a run are encoded.
struct EncodingPlan {
  std::size_t num_images = 0;
  std::size_t batch_size = 1;  ///< images in one call of encode_image, the last may have fewer; 0: any number
  std::size_t num_workers = 1;   ///< threads in all
  std::size_t num_encoders = 1;  ///< calls at the same time; they share the threads
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

  /// image_features [batch, embed_dim], not normalised. `pixel_values`: [batch, 3, image_size, image_size].
  /// Throws Error (kModel) when the encoder fails or returns another shape or a value that is not finite.
  /// Several threads may call it at once after prepare_for_images().
  virtual Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) = 0;

  /// text_features [rows, embed_dim], not normalised. `prompts.length` is at most context_length.
  /// Throws Error (kModel) as encode_image does. Several threads may call it at once after
  /// prepare_for_texts().
  virtual Matrix encode_text(const TokenIdBatch& prompts) = 0;

  /// Make an encoder ready for the run; not while it is in use. They throw Error (kModel).
  virtual void prepare_for_images(const EncodingPlan& /*plan*/) {}
  virtual void prepare_for_texts(const TextEncodingPlan& /*plan*/) {}

  /// Load an encoder now, so that what is wrong with it shows before the first result. The two may run on two
  /// threads, and each beside the other encoder's use. They throw Error (kModel).
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
