#pragma once

#include <algorithm>
#include <mutex>
#include <utility>

#include "clipcls/error.h"
#include "model/clip_model.h"

namespace clipcls {

/// A ClipModel without a network: a text's features count its token ids modulo embed_dim, an image's are the
/// means of its channels. It records the plans and the shapes that it was asked for, and outlives its
/// encoders.
class FakeClipModel : public ClipModel {
 public:
  FakeClipModel() {
    config_.embed_dim = 3;
    config_.logit_scale = 10;
    config_.image.image_size = 2;
    config_.image.image_mean = {0, 0, 0};
    config_.image.image_std = {1, 1, 1};
    config_.text.context_length = 16;
    config_.prompt_templates = {"{}"};
  }

  const ModelConfig& config() const override { return config_; }

  std::unique_ptr<const ImageEncoder> prepare_images(const EncodingPlan& plan) override {
    return std::make_unique<FakeImageEncoder>(*this, plan);
  }

  std::unique_ptr<const TextEncoder> prepare_texts(const TextEncodingPlan& /*plan*/) override {
    return std::make_unique<FakeTextEncoder>(*this);
  }

  /// What its encoders compute.
  virtual Matrix image_features(std::span<const float> pixel_values, std::size_t batch) {
    if (fails_on_images) throw Error(ErrorKind::kModel, "image_encoder.pt: fails");
    {
      const std::lock_guard lock(mutex_);
      batch_sizes.push_back(batch);
    }
    Matrix features(batch, 3);
    for (std::size_t row = 0; row < batch * 3; ++row) {
      for (std::size_t i = 0; i < 4; ++i) features.values[row] += pixel_values[row * 4 + i] / 4;
    }
    return features;
  }

  virtual Matrix text_features(const TokenIdBatch& prompts) {
    if (fails_on_texts) throw Error(ErrorKind::kModel, "text_encoder.pt: fails");
    {
      const std::lock_guard lock(mutex_);
      text_shapes.emplace_back(prompts.rows, prompts.length);
    }
    Matrix features(prompts.rows, 3);
    for (std::size_t row = 0; row < prompts.rows; ++row) {
      for (std::size_t i = 0; i < prompts.length; ++i) {
        const std::int64_t id = prompts.token_ids[row * prompts.length + i];
        if (id != config_.text.pad_token_id) features.row(row)[static_cast<std::size_t>(id % 3)] += 1;
      }
    }
    return features;
  }

  std::vector<EncodingPlan> plans_of_calls;  ///< those of the image encoders that were called
  std::vector<std::size_t> batch_sizes;
  std::vector<std::pair<std::size_t, std::size_t>> text_shapes;
  bool fails_on_images = false;
  bool fails_on_texts = false;

 private:
  class FakeImageEncoder final : public ImageEncoder {
   public:
    FakeImageEncoder(FakeClipModel& model, const EncodingPlan& plan) : model_(model), plan_(plan) {}
    Matrix encode(std::span<const float> pixel_values, std::size_t batch) const override {
      {
        const std::lock_guard lock(model_.mutex_);
        model_.plans_of_calls.push_back(plan_);
      }
      return model_.image_features(pixel_values, batch);
    }

   private:
    FakeClipModel& model_;
    EncodingPlan plan_;
  };

  class FakeTextEncoder final : public TextEncoder {
   public:
    explicit FakeTextEncoder(FakeClipModel& model) : model_(model) {}
    Matrix encode(const TokenIdBatch& prompts) const override { return model_.text_features(prompts); }

   private:
    FakeClipModel& model_;
  };

  std::mutex mutex_;
  ModelConfig config_;
};

}  // namespace clipcls
