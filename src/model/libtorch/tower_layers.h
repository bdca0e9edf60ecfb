#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attention.h"
#include "checkpoint/clip_architecture.h"
#include "encoder_network.h"
#include "state_dict.h"
#include "tower_linear.h"

namespace clipcls {

// What our towers are made of. Each takes its tensors out of a StateDict by the checkpoint's names.

/// A copy of a tensor as the tower computes with it.
at::Tensor take_copy(StateDict& weights, const std::string& name, const Placement& placement);

class LayerNorm {
 public:
  /// `name`: of the layer in the checkpoint.
  LayerNorm(StateDict& weights, const std::string& name, double eps, const Placement& placement);

  /// [..., width] -> the same
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double eps_;
};

/// The linear layer `name` of a checkpoint, with its bias.
LinearParts take_linear(StateDict& weights, const std::string& name);

/// The GELU of a tower: exact, or by tanh.
LinearActivation gelu_of(const TransformerShape& shape);

/// Queries, keys and values of a block or a pool: [3 * width, width].
LinearParts take_in_proj(StateDict& weights, const std::string& block);

/// `count` times as many of its output features as the block is wide, from the `first` on.
LinearParts rows_of(const LinearParts& in_proj, std::int64_t first, std::int64_t count);

/// [batch, length, count * width] -> [count, batch, heads, length, head_width]
at::Tensor split_heads(const at::Tensor& x, std::int64_t count, std::int64_t num_heads);

/// [batch, heads, length, head_width] -> [batch, length, width]
at::Tensor join_heads(const at::Tensor& x);

/// [batch, 3, image_size, image_size] -> [batch, grid * grid, 3 * patch_size * patch_size]; pixels behind the
/// last whole patch are left out.
at::Tensor split_patches(const at::Tensor& pixel_values, std::int64_t patch_size);

/// The name of a residual block in the checkpoint, with a dot behind it.
std::string block_name(const std::string& transformer, std::int64_t layer);

/// What follows attention in a residual block: x + out_proj(attended) is y, and y + mlp(ln_2(y)) comes out.
class BlockEnd {
 public:
  BlockEnd(StateDict& weights, const std::string& block, const TransformerShape& shape,
           const Placement& placement);

  /// x and attended: [..., width] -> the same. `attended` is freed as soon as it is used.
  at::Tensor forward(const at::Tensor& x, at::Tensor attended) const;
  /// The same where nothing is added to what attention gives, as in a pool.
  at::Tensor forward_pooled(const at::Tensor& attended) const;
  void pack(int weight_bits);

 private:
  at::Tensor add_mlp(const at::Tensor& y) const;

  TowerLinear out_proj_;
  LayerNorm ln_2_;
  TowerLinear c_fc_;
  TowerLinear c_proj_;
};

/// Texts that begin alike lie in one matrix: the tokens of the prefix, then those of each text.
struct SharedPrefix {
  std::int64_t length = 0;  ///< of the prefix
  std::int64_t num_texts = 0;
  std::int64_t text_length = 0;  ///< of what follows it
};

/// A residual attention block.
class TransformerBlock {
 public:
  TransformerBlock(StateDict& weights, const std::string& block, const TransformerShape& shape,
                   const Placement& placement);

  /// x: [batch, length, width] -> the same
  at::Tensor forward(const at::Tensor& x, bool is_causal) const;
  /// Causal, x: [num_tokens, width] -> the same. mask: bool [text_length, length + text_length], True where a
  /// token of a text may look.
  at::Tensor forward_shared_prefix(const at::Tensor& x, const SharedPrefix& shared,
                                   const at::Tensor& mask) const;
  void pack(int weight_bits);

 private:
  // What attention gives: queries, keys and values are gone when the MLP needs the memory.
  at::Tensor attended(const at::Tensor& x, bool is_causal) const;
  at::Tensor attended_shared_prefix(const at::Tensor& x, const SharedPrefix& shared,
                                    const at::Tensor& mask) const;

  std::int64_t num_heads_;
  Attention attend_ = &library_attention;  ///< our own kernel once it is packed
  LayerNorm ln_1_;
  TowerLinear in_proj_;
  BlockEnd end_;
};

/// The last block, behind which one token of each row is needed: its query, its projection and its MLP run
/// for that token alone.
class LastBlock {
 public:
  LastBlock(StateDict& weights, const std::string& block, const TransformerShape& shape,
            const Placement& placement);

  /// x: [batch, length, width]; token: [batch, 1, width], the needed row of x; mask: bool [batch, 1, 1,
  /// length], True where the token may look -> [batch, width]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& token,
                     const std::optional<at::Tensor>& mask) const;
  /// x: [num_tokens, width]; token: [num_texts, width]; mask: bool [num_texts, 1, 1, length + text_length] ->
  /// [num_texts, width]
  at::Tensor forward_shared_prefix(const at::Tensor& x, const at::Tensor& token, const SharedPrefix& shared,
                                   const at::Tensor& mask) const;
  void pack(int weight_bits);

 private:
  /// in_proj: its rows are those of queries, keys and values.
  LastBlock(const LinearParts& in_proj, StateDict& weights, const std::string& block,
            const TransformerShape& shape, const Placement& placement);

  std::int64_t num_heads_;
  Attention attend_ = &library_attention;
  LayerNorm ln_1_;
  TowerLinear q_proj_;
  TowerLinear kv_proj_;
  BlockEnd end_;
};

/// The residual blocks of a transformer.
struct Blocks {
  /// `name`: of the transformer in the checkpoint.
  Blocks(StateDict& weights, const std::string& name, const TransformerShape& shape,
         const Placement& placement);

  void pack(int weight_bits);
  /// Once they are packed, in a tower with so many more linear layers.
  NetworkOptimization count_packed(int num_others) const;

  std::vector<TransformerBlock> all_but_last;
  LastBlock last;
};

}  // namespace clipcls
