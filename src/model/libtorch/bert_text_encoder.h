#pragma once

#include <cstdint>
#include <vector>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// A layer of a BERT: norms come behind attention and behind the MLP, not before.
class BertLayer {
 public:
  /// `name`: of the layer in the checkpoint, with a dot behind it.
  BertLayer(StateDict& weights, const std::string& name, const TransformerShape& shape,
            const Placement& placement);

  /// x: [batch, length, width]; queries: those rows of x that come out, [batch, num_queries, width]; mask:
  /// bool [batch, 1, 1, length], True where there is a token -> [batch, num_queries, width]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& queries,
                     const std::optional<at::Tensor>& mask) const;
  void pack(int weight_bits);

 private:
  std::int64_t num_heads_;
  Attention attend_ = &library_attention;  ///< our own kernel once it is packed
  TowerLinear query_;
  TowerLinear key_;
  TowerLinear value_;
  TowerLinear attention_output_;
  LayerNorm attention_norm_;
  TowerLinear intermediate_;
  TowerLinear output_;
  LayerNorm output_norm_;
};

/// A BERT whose first token gives the text's features, and a projection behind it: Chinese-CLIP's,
/// BiomedCLIP's. Padding is not looked at, so texts are computed at their own length.
class BertTextEncoder final : public EncoderNetwork {
 public:
  BertTextEncoder(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  at::Tensor forward(const at::Tensor& token_ids) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override { return false; }

 private:
  std::int64_t pad_token_id_;
  at::ScalarType type_;
  at::Tensor word_embeddings_;      ///< as they are stored: a text needs few of the rows
  at::Tensor position_embeddings_;  ///< [context_length, width], with that of the only kind of token
  LayerNorm embedding_norm_;
  std::vector<BertLayer> layers_;
  std::vector<TowerLinear> projection_;  ///< one, or the two of an MLP
};

}  // namespace clipcls
