#pragma once

#include <ATen/core/Tensor.h>

namespace clipcls {

/// How many operators of a kind there are, and how many of them were replaced by faster ones.
struct ReplacedOperators {
  int num_replaced = 0;
  int num_all = 0;
};

/// What was replaced in a network.
struct NetworkOptimization {
  ReplacedOperators linear_layers;
  ReplacedOperators attentions;
};

/// What computes the features of one encoder. Its weights lie on one device and are of one type. There are
/// two kinds: TorchScript that somebody exported (scripted_network.h), and our own classes
/// (build_network.h). Everything throws what libtorch throws.
class EncoderNetwork {
 public:
  EncoderNetwork() = default;
  virtual ~EncoderNetwork() = default;
  EncoderNetwork(const EncoderNetwork&) = delete;
  EncoderNetwork& operator=(const EncoderNetwork&) = delete;
  EncoderNetwork(EncoderNetwork&&) = delete;
  EncoderNetwork& operator=(EncoderNetwork&&) = delete;

  /// pixel_values [batch, 3, image_size, image_size] or token_ids [batch, length] -> features [batch,
  /// embed_dim], not normalised. Several threads may call it at once.
  virtual at::Tensor forward(const at::Tensor& input) = 0;

  /// Whether it has forward_shared_prefix.
  virtual bool can_share_prefix() const { return false; }

  /// What forward gives for texts that all begin with `prefix`, token ids [prefix_length], at least the start
  /// token and no end token; `texts` [num_texts, length] are what follows it in each. The prefix is computed
  /// once.
  virtual at::Tensor forward_shared_prefix(const at::Tensor& /*prefix*/, const at::Tensor& /*texts*/) {
    TORCH_CHECK(false, "the encoder has no forward_shared_prefix");
  }

  /// Makes it ready for many inputs on the processor, where its type is float32 or bfloat16: linear layers
  /// become packed ones with what follows them fused, attention our own kernel. Features change by rounding
  /// alone. `weight_bits`: 8 or 7 quantise the linear layers, 0 leaves them as they are. `copies_weights`:
  /// nothing is left that lies in a mapped file, which may be overwritten during a long run; a linear layer's
  /// weight leaves it at its first use. Where it throws, the network computes as before.
  virtual NetworkOptimization optimize(int weight_bits, bool copies_weights) = 0;

  /// Whether it has convolutions, which bfloat16 costs more than other layers.
  virtual bool has_convolutions() const = 0;
};

}  // namespace clipcls
