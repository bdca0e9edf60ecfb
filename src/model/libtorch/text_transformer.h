#pragma once

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// CLIP's text transformer, whose end token gives the features. Causal ones are cut behind the last end token
/// of a batch, and compute what texts begin with once; the others were trained on texts that zeros fill up to
/// the context length.
class TextTransformer final : public EncoderNetwork {
 public:
  TextTransformer(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  torch::Tensor forward(const torch::Tensor& token_ids) override;
  bool can_share_prefix() const override { return is_causal_; }
  torch::Tensor forward_shared_prefix(const torch::Tensor& prefix, const torch::Tensor& texts) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override { return false; }

 private:
  torch::Tensor is_end(const torch::Tensor& token_ids) const;
  torch::Tensor find_end(const torch::Tensor& token_ids) const;
  torch::Tensor fill_context(const torch::Tensor& token_ids) const;
  torch::Tensor embed(const torch::Tensor& token_ids, std::int64_t first_position) const;

  bool is_causal_;
  EndTokenRule end_token_rule_;
  std::int64_t eot_token_id_;
  torch::ScalarType type_;
  torch::Tensor token_embedding_;  ///< as it is stored: a text needs few of its rows
  torch::Tensor positional_embedding_;
  Blocks blocks_;
  LayerNorm ln_final_;
  TowerLinear projection_;
};

}  // namespace clipcls
