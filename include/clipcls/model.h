#pragma once

// A CLIP model: what it is, and the features that it makes of pictures and texts.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clipcls/image.h"

namespace clipcls {

/// How the encoders of a model run.
struct ModelOptions {
  /// What they compute in.
  enum class Precision {
    kFloat32,    ///< as the weights are; the same on every machine
    kBfloat16,   ///< 16 bits, of which the sums have 32
    kFloat16,    ///< on a GPU alone
    kInt8,       ///< linear layers of the image encoder in 8 bits
    kAutomatic,  ///< fp16 on a GPU, bf16 where the processor has it, else fp32
  };
  Precision precision = Precision::kFloat32;
  /// Where they compute: "cpu", "cuda" (the first GPU), "cuda:N", "cuda:all", or "auto", a GPU if there is
  /// one.
  std::string device = "cpu";
  /// Threads that decode and encode, at most 1024; 0: one a core.
  std::size_t num_threads = 0;
};

/// A model that is loaded. Copies share it. All functions may be called from several threads at once; the
/// calls share options.num_threads threads.
class Model {
 public:
  /// Loads a model: a folder (models/README.md says what is in it), a .pt file as OpenAI publishes it, or the
  /// name of a model ("ViT-B/32", "everyday", "hf:OWNER/NAME"), which is looked for in the folders of
  /// $CLIPCLS_MODEL_PATH, in the user's, and in those of the installation. Empty: what $CLIPCLS_MODEL names,
  /// else the bundled model. A path comes before a name. The configuration is read and checked here; weights
  /// are read when they are first needed. Nothing is fetched from the net. Throws Error: kModel, which says
  /// where the model was looked for, or names the file and what is wrong with it; kInvalidArgument where
  /// there is no such device, or it does not compute in that precision.
  static Model load(const std::string& name_or_path = {}, const ModelOptions& options = {});
  // Copies only, so that a model that was moved from can still be used.
  Model(const Model&) = default;
  Model& operator=(const Model&) = default;

  /// What the model calls itself: "ViT-B/32".
  const std::string& name() const;
  /// Where it was found: a folder or a file.
  const std::filesystem::path& path() const;
  /// Numbers in the features of one picture or text.
  std::size_t embed_dim() const;
  /// The side of the square, in pixels, that every picture becomes.
  std::size_t image_size() const;
  /// The most tokens of a text, start and end token included; what is behind them is cut.
  std::size_t context_length() const;
  /// The multiplier of the cosine, already exponentiated: 100.0 for OpenAI's models.
  double logit_scale() const;
  /// What is added to the scaled cosine; models that were trained with a sigmoid have it.
  std::optional<double> logit_bias() const;
  /// Whether the model was trained to score each label on its own (SigLIP); else the labels share 100 %.
  bool is_sigmoid() const;
  /// The templates that labels are put into where none are given, each with one {}.
  const std::vector<std::string>& prompt_templates() const;
  /// What the encoders compute in: "fp32", "bf16", "fp16" or "int8".
  std::string precision() const;

  /// Features of a picture, [embed_dim], not normalised: their length means nothing, their direction does.
  /// Throws Error: kModel where the weights cannot be used, kInvalidArgument where the picture has no pixels.
  std::vector<float> encode_image(const Image& image) const;

  /// The same of several pictures, [images.size(), embed_dim], row-major, in batches on all threads: many
  /// times faster than one after the other. Throws as encode_image() does.
  std::vector<float> encode_images(std::span<const Image> images) const;

  /// Features of a text, [embed_dim], not normalised. A text that has more than context_length() tokens
  /// loses its end. Throws Error (kModel) where the weights or the vocabulary cannot be used.
  std::vector<float> encode_text(const std::string& text) const;

  /// The same of several texts, [texts.size(), embed_dim], row-major, in batches. Throws as encode_text()
  /// does.
  std::vector<float> encode_texts(std::span<const std::string> texts) const;

  /// The token ids of a text, start and end token included, without padding, none of them cut. Throws Error
  /// (kModel) where the model's vocabulary cannot be used.
  std::vector<std::int64_t> token_ids(std::string_view text) const;

  struct Impl;
  /// The library's own side; of no use outside.
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  explicit Model(std::shared_ptr<Impl> impl);

  std::shared_ptr<Impl> impl_;
};

}  // namespace clipcls
