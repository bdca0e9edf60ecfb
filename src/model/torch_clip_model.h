#pragma once

#include <torch/script.h>

#include <filesystem>
#include <string>

#include "clipcls/model/clip_model.h"

namespace clipcls {

/// What libtorch says, in one line without its stack trace.
std::string reason(const std::exception& error);

/// Threads and graph executor, before the first module is made. `num_threads` of 0 leaves the choice to
/// libtorch.
void configure_torch(int num_threads);

/// One tower: a TorchScript module whose forward takes one tensor and returns features [rows, embed_dim].
class Encoder {
 public:
  /// `file` is where the module came from: errors name it. Throws Error (kModel) when there is no such
  /// forward.
  Encoder(torch::jit::Module module, std::filesystem::path file, std::size_t embed_dim);

  /// Throws Error (kModel) when the module fails or returns another shape or a value that is not finite.
  Matrix encode(const torch::Tensor& input);

 private:
  torch::jit::Module module_;
  std::filesystem::path file_;
  std::size_t embed_dim_;
};

/// A CLIP of two encoders that libtorch runs in float32.
class TorchClipModel final : public ClipModel {
 public:
  TorchClipModel(ModelConfig config, Encoder image_encoder, Encoder text_encoder);

  const ModelConfig& config() const override { return config_; }
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) override;
  Matrix encode_text(const TokenIdBatch& prompts) override;

 private:
  ModelConfig config_;
  Encoder image_encoder_;
  Encoder text_encoder_;
};

}  // namespace clipcls
