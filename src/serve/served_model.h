#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "model/clip_model.h"

namespace clipcls {

/// The paths of a server's encoder, beside those of ClassificationService.
inline constexpr const char* kEncoder = "/encoder";
inline constexpr const char* kEncode = "/encode";

// Note [Served encoders]. What a ServedModel asks of the server at a socket:
//
//   GET /encoder    {"version": "0.2.0", "image_fingerprint": "…", "precision": "fp32", "device": "cpu",
//                   "max_batch": 64}
//   POST /encode?encoder=NAME
//                   body: pixel_values [batch, 3, image_size, image_size], float32 as this processor has it;
//                   response: image_features [batch, embed_dim], likewise; 409: the encoder has another name,
//                   since another server has taken the place of the first
//
// Both ends are of one machine and of one version of clipcls, as another one may compute other last digits.
// Pictures are decoded by the client, with its rights and its flags, so that the server sees numbers alone.

/// The name of an encoder, equal for those that give equal features.
std::string encoder_name(const std::string& image_fingerprint, const std::string& precision,
                         const std::string& device);

/// What a client knows of the model that it wants, and how it comes by the parts that are not served.
struct WantedModel {
  ModelConfig config;
  std::string image_fingerprint;
  std::string text_fingerprint;
  std::string precision;  ///< "fp32"
  std::string device;     ///< "cpu", "cuda:0"
  /// Loads the model in this process: texts are encoded here.
  std::function<std::unique_ptr<ClipModel>()> load;
};

/// A model whose image encoder runs in another process, a server that listens at a Unix socket.
class ServedModel final : public ClipModel {
 public:
  /// Null: no server listens at `socket`. Throws Error (kInvalidArgument) where it has another model or
  /// computes otherwise, Error (kModel) where it does not answer as it should.
  static std::unique_ptr<ServedModel> connect(const std::filesystem::path& socket, WantedModel wanted);

  const ModelConfig& config() const override { return wanted_.config; }
  std::unique_ptr<const ImageEncoder> prepare_images(const EncodingPlan& plan) override;
  std::unique_ptr<const TextEncoder> prepare_texts(const TextEncodingPlan& plan) override;
  void load_text_encoder() override { model_here().load_text_encoder(); }
  std::string image_fingerprint() const override { return wanted_.image_fingerprint; }
  std::string text_fingerprint() const override { return wanted_.text_fingerprint; }
  std::string precision() const override { return wanted_.precision; }
  std::string precision_note() const override {
    return "pictures are encoded by the server at " + socket_.string();
  }

 private:
  ServedModel(std::filesystem::path socket, WantedModel wanted, std::size_t max_batch);
  ClipModel& model_here();

  std::filesystem::path socket_;
  WantedModel wanted_;
  std::size_t max_batch_;
  std::mutex mutex_;  ///< guards what follows
  std::unique_ptr<ClipModel> model_here_;
};

}  // namespace clipcls
