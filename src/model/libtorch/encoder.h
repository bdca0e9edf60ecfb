#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/matrix.h"
#include "encoder_network.h"
#include "model/clip_model.h"

namespace clipcls {

/// How one call of an encoder is computed.
struct EncoderCall {
  int num_threads = 0;     ///< 0 leaves the choice to libtorch
  std::int64_t batch = 0;  ///< smaller inputs of encode() are computed in a batch of that size
};

/// One encoder of a model: a network, and what every network needs around it.
class Encoder {
 public:
  /// `file` is where the network came from: errors name it. Its weights are of `type` and lie on `device`.
  Encoder(std::unique_ptr<EncoderNetwork> network, std::filesystem::path file, std::size_t embed_dim,
          at::ScalarType type, at::Device device);

  /// See EncoderNetwork::optimize(); on the processor. An encoder that cannot be optimised gives the same
  /// answers later, and state() says why. Nothing happens the second time. Not while another thread uses it.
  void optimize(int weight_bits, bool copies_weights);
  bool is_optimized() const { return is_optimized_; }

  EncoderState state(const char* name) const {
    return {name, is_optimized_, note_.empty() ? details_ : details_ + "; " + note_};
  }

  /// What else its state says.
  void set_note(std::string note) { note_ = std::move(note); }

  /// The type of the weights that are not quantised.
  at::ScalarType type() const { return type_; }

  const EncoderNetwork& network() const { return *network_; }

  /// Throws Error (kModel) when the network fails or returns another shape or a value that is not finite.
  /// Several threads may call it at once.
  Matrix encode(const at::Tensor& input, const EncoderCall& call = {});

  /// The same for token ids [rows, length] whose first `prefix_length` ids are those of every row, computed
  /// once where the network can.
  Matrix encode_texts(const at::Tensor& token_ids, std::int64_t prefix_length, const EncoderCall& call);

 private:
  at::Tensor to_device(const at::Tensor& input) const;
  at::Tensor run(const at::Tensor& input, std::int64_t batch);
  at::Tensor run_shared_prefix(const at::Tensor& token_ids, std::int64_t prefix_length);
  Matrix checked(const at::Tensor& input, const std::function<at::Tensor()>& run) const;

  std::unique_ptr<EncoderNetwork> network_;
  std::filesystem::path file_;
  std::size_t embed_dim_;
  at::ScalarType type_;
  at::Device device_;
  bool is_optimized_ = false;
  std::string details_;  ///< of its state
  std::string note_;
};

/// Loads an encoder for a device, with weights of that type. It may throw Error (kModel). An image encoder
/// may be loaded twice for a device, with two types.
using LoadEncoder = std::function<Encoder(at::Device, at::ScalarType)>;

/// An encoder that is loaded when it is first asked for: a run whose label embeddings are cached never needs
/// the text encoder. For one thread at a time.
class LazyEncoder {
 public:
  /// `load` is called once, and then dropped with what it holds; what it throws, get() throws.
  explicit LazyEncoder(std::function<Encoder()> load) : load_(std::move(load)) {}

  Encoder& get();
  void replace(Encoder encoder);
  const Encoder* if_loaded() const { return encoder_ ? &*encoder_ : nullptr; }

 private:
  std::function<Encoder()> load_;
  std::optional<Encoder> encoder_;
};

}  // namespace clipcls
