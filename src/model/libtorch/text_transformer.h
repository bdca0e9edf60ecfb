#pragma once

#include <optional>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// CLIP's text transformer, whose end token gives the features, and SigLIP's, whose last position does.
/// Causal ones are cut behind the last end token of a batch, and compute what texts begin with once; the
/// others were trained on texts that zeros, or SigLIP's padding, fill up to the context length.
class TextTransformer final : public EncoderNetwork {
 public:
  TextTransformer(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  at::Tensor forward(const at::Tensor& token_ids) override;
  bool can_share_prefix() const override { return is_causal_; }
  at::Tensor forward_shared_prefix(const at::Tensor& prefix, const at::Tensor& texts) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override { return false; }

 private:
  at::Tensor is_end(const at::Tensor& token_ids) const;
  at::Tensor find_end(const at::Tensor& token_ids) const;
  at::Tensor fill_context(const at::Tensor& token_ids) const;
  at::Tensor embed(const at::Tensor& token_ids, std::int64_t first_position) const;
  at::Tensor project(const at::Tensor& token) const;

  bool is_causal_;
  EndTokenRule end_token_rule_;
  std::int64_t eot_token_id_;
  std::int64_t pad_token_id_;
  at::ScalarType type_;
  at::Tensor token_embedding_;  ///< as it is stored: a text needs few of its rows
  at::Tensor positional_embedding_;
  Blocks blocks_;
  LayerNorm ln_final_;
  std::optional<TowerLinear> projection_;
};

}  // namespace clipcls
