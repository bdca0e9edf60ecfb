#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "encoder.h"
#include "model/clip_model.h"
#include "model/computation.h"
#include "model/model_fingerprint.h"
#include "model/precision.h"
#include "shared_encoder.h"
#include "trial_picture.h"

namespace clipcls {

/// A CLIP of two encoders that libtorch runs.
class TorchClipModel final : public ClipModel {
 public:
  TorchClipModel(ModelConfig config, const LoadEncoder& image_encoder, const LoadEncoder& text_encoder,
                 ModelFingerprints fingerprints, const LoadOptions& options);

  const ModelConfig& config() const override { return config_; }
  std::unique_ptr<const ImageEncoder> prepare_images(const EncodingPlan& plan) override;
  std::unique_ptr<const TextEncoder> prepare_texts(const TextEncodingPlan& plan) override;
  void load_image_encoder() override {
    for (const auto& encoder : image_encoders_) encoder->load();
  }
  void load_text_encoder() override { text_encoder_->load(); }
  std::string image_fingerprint() const override { return fingerprints_.image; }
  std::string text_fingerprint() const override { return fingerprints_.text; }
  std::string precision() const override { return std::string(precision_name(options_.precision)); }
  std::string precision_note() const override { return computation_.note; }
  std::vector<EncoderState> encoder_states() const override;

 private:
  bool is_on_gpu() const { return !options_.gpus.empty(); }
  int threads_of_one_call(std::size_t num_workers, std::size_t num_encoders) const;

  ModelConfig config_;
  std::vector<std::shared_ptr<SharedEncoder>> image_encoders_;  ///< one for each device
  std::shared_ptr<TrialPicture> trial_picture_;                 ///< none where nothing is reduced
  std::shared_ptr<SharedEncoder> text_encoder_;
  ModelFingerprints fingerprints_;
  LoadOptions options_;
  Computation computation_;
};

}  // namespace clipcls
