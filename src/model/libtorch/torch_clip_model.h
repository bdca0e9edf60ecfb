#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "clipcls/model/clip_model.h"
#include "clipcls/model/computation.h"
#include "clipcls/model/model_fingerprint.h"
#include "clipcls/model/precision.h"
#include "encoder.h"

namespace clipcls {

/// A CLIP of two encoders that libtorch runs.
class TorchClipModel final : public ClipModel {
 public:
  TorchClipModel(ModelConfig config, const LoadEncoder& image_encoder, const LoadEncoder& text_encoder,
                 ModelFingerprints fingerprints, const LoadOptions& options);

  const ModelConfig& config() const override { return config_; }
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) override;
  Matrix encode_text(const TokenIdBatch& prompts) override;
  void prepare_for_images(const EncodingPlan& plan) override;
  void prepare_for_texts(const TextEncodingPlan& plan) override;
  void load_image_encoder() override {
    for (LazyEncoder& encoder : image_encoders_) encoder.get();
  }
  void load_text_encoder() override { text_encoder_.get(); }
  std::string image_fingerprint() const override { return fingerprints_.image; }
  std::string text_fingerprint() const override { return fingerprints_.text; }
  std::string precision() const override { return std::string(precision_name(options_.precision)); }
  std::string precision_note() const override { return computation_.note; }
  std::vector<EncoderState> encoder_states() const override;

 private:
  bool is_on_gpu() const { return !options_.gpus.empty(); }
  int threads_of_one_call(std::size_t num_workers, std::size_t num_encoders) const;

  ModelConfig config_;
  std::vector<LazyEncoder> image_encoders_;  ///< one for each device
  std::atomic<std::size_t> next_image_encoder_ = 0;
  EncoderCall image_call_;
  LazyEncoder text_encoder_;
  EncoderCall text_call_;
  ModelFingerprints fingerprints_;
  LoadOptions options_;
  Computation computation_;
};

}  // namespace clipcls
