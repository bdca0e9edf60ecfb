#include "tower_layers.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/layer_norm.h>

namespace clipcls {
namespace {

using at::Tensor;

// QuickGELU(x) = x * sigmoid(1.702 x) = SiLU(1.702 x) / 1.702. The factors go into the layers before and
// behind it, so that the activation is a SiLU, which oneDNN fuses.
constexpr double kQuickGeluFactor = 1.702;

bool is_quick_gelu(const TransformerShape& shape) { return shape.activation == MlpActivation::kQuickGelu; }

LinearParts take_c_fc(StateDict& weights, const std::string& name, const TransformerShape& shape) {
  LinearParts parts = take_linear(weights, name);
  if (is_quick_gelu(shape)) {
    parts.activation = {"swish", ""};
    parts.weight_factor = parts.bias_factor = kQuickGeluFactor;
  } else {
    parts.activation = gelu_of(shape);
  }
  return parts;
}

/// The last layer of a residual branch.
LinearParts take_branch_end(StateDict& weights, const std::string& name, const std::string& layer_scale,
                            const TransformerShape& shape) {
  LinearParts parts = take_linear(weights, name);
  if (shape.has_layer_scale) parts.layer_scale = weights.take(layer_scale);
  return parts;
}

LinearParts take_c_proj(StateDict& weights, const std::string& block, const TransformerShape& shape) {
  LinearParts parts = take_branch_end(weights, block + "mlp.c_proj", block + "ls_2.gamma", shape);
  if (is_quick_gelu(shape)) parts.weight_factor = 1 / kQuickGeluFactor;
  return parts;
}

/// The prefix's and the texts' own, [1 or num_texts, heads, …, head_width], as keys or values of each text.
Tensor behind_prefix(const Tensor& prefix, const Tensor& texts) {
  return at::cat({prefix.expand({texts.size(0), -1, -1, -1}), texts}, 2);
}

}  // namespace

Tensor take_copy(StateDict& weights, const std::string& name, const Placement& placement) {
  return weights.take(name).to(placement.device, placement.type, /*non_blocking=*/false, /*copy=*/true);
}

LayerNorm::LayerNorm(StateDict& weights, const std::string& name, double eps, const Placement& placement)
    : weight_(take_copy(weights, name + ".weight", placement)),
      bias_(take_copy(weights, name + ".bias", placement)),
      eps_(eps) {}

Tensor LayerNorm::forward(const Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, eps_);
}

LinearParts take_linear(StateDict& weights, const std::string& name) {
  return {.weight = weights.take(name + ".weight"), .bias = weights.take(name + ".bias")};
}

LinearParts take_in_proj(StateDict& weights, const std::string& block) {
  return {.weight = weights.take(block + "attn.in_proj_weight"),
          .bias = weights.take(block + "attn.in_proj_bias")};
}

LinearParts rows_of(const LinearParts& in_proj, std::int64_t first, std::int64_t count) {
  const std::int64_t width = in_proj.weight.size(1);
  return {.weight = in_proj.weight.narrow(0, first * width, count * width),
          .bias = in_proj.bias->narrow(0, first * width, count * width)};
}

std::string block_name(const std::string& transformer, std::int64_t layer) {
  return transformer + ".resblocks." + std::to_string(layer) + ".";
}

Tensor split_heads(const Tensor& x, std::int64_t count, std::int64_t num_heads) {
  return x.view({x.size(0), x.size(1), count, num_heads, -1}).permute({2, 0, 3, 1, 4});
}

Tensor join_heads(const Tensor& x) { return x.transpose(1, 2).flatten(2); }

Tensor split_patches(const Tensor& pixel_values, std::int64_t patch_size) {
  const std::int64_t batch = pixel_values.size(0);
  const std::int64_t grid = pixel_values.size(2) / patch_size;
  return pixel_values.narrow(2, 0, grid * patch_size)
      .narrow(3, 0, grid * patch_size)
      .reshape({batch, 3, grid, patch_size, grid, patch_size})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({batch, grid * grid, 3 * patch_size * patch_size});
}

LinearActivation gelu_of(const TransformerShape& shape) {
  return {"gelu", shape.activation == MlpActivation::kGeluTanh ? "tanh" : "none"};
}

BlockEnd::BlockEnd(StateDict& weights, const std::string& block, const TransformerShape& shape,
                   const Placement& placement)
    : out_proj_(take_branch_end(weights, block + "attn.out_proj", block + "ls_1.gamma", shape), placement),
      ln_2_(weights, block + "ln_2", shape.layer_norm_eps, placement),
      c_fc_(take_c_fc(weights, block + "mlp.c_fc", shape), placement),
      c_proj_(take_c_proj(weights, block, shape), placement) {}

Tensor BlockEnd::forward(const Tensor& x, Tensor attended) const {
  const Tensor y = out_proj_.forward_add(attended, x);
  attended.reset();
  return add_mlp(y);
}

Tensor BlockEnd::forward_pooled(const Tensor& attended) const { return add_mlp(out_proj_.forward(attended)); }

Tensor BlockEnd::add_mlp(const Tensor& y) const {
  const Tensor hidden = c_fc_.forward(ln_2_.forward(y));
  return c_proj_.forward_add(hidden, y);
}

void BlockEnd::pack(int weight_bits) {
  for (TowerLinear* layer : {&out_proj_, &c_fc_, &c_proj_}) layer->pack(weight_bits);
}

TransformerBlock::TransformerBlock(StateDict& weights, const std::string& block,
                                   const TransformerShape& shape, const Placement& placement)
    : num_heads_(shape.num_heads),
      ln_1_(weights, block + "ln_1", shape.layer_norm_eps, placement),
      in_proj_(take_in_proj(weights, block), placement),
      end_(weights, block, shape, placement) {}

Tensor TransformerBlock::forward(const Tensor& x, bool is_causal) const {
  return end_.forward(x, attended(x, is_causal));
}

Tensor TransformerBlock::forward_shared_prefix(const Tensor& x, const SharedPrefix& shared,
                                               const Tensor& mask) const {
  return end_.forward(x, attended_shared_prefix(x, shared, mask));
}

Tensor TransformerBlock::attended(const Tensor& x, bool is_causal) const {
  const Tensor qkv = split_heads(in_proj_.forward(ln_1_.forward(x)), 3, num_heads_);
  return join_heads(attend_(qkv[0], qkv[1], qkv[2], std::nullopt, is_causal));
}

Tensor TransformerBlock::attended_shared_prefix(const Tensor& x, const SharedPrefix& shared,
                                                const Tensor& mask) const {
  const Tensor qkv = in_proj_.forward(ln_1_.forward(x));
  const std::int64_t width = x.size(1);
  const Tensor own = split_heads(qkv.narrow(0, 0, shared.length).unsqueeze(0), 3, num_heads_);
  const Tensor rest = qkv.narrow(0, shared.length, shared.num_texts * shared.text_length);
  const Tensor texts =
      split_heads(rest.view({shared.num_texts, shared.text_length, 3 * width}), 3, num_heads_);
  const Tensor of_prefix = attend_(own[0], own[1], own[2], std::nullopt, /*is_causal=*/true);
  const Tensor of_texts = attend_(texts[0], behind_prefix(own[1], texts[1]), behind_prefix(own[2], texts[2]),
                                  mask, /*is_causal=*/false);
  return at::cat({join_heads(of_prefix).flatten(0, 1), join_heads(of_texts).flatten(0, 1)});
}

void TransformerBlock::pack(int weight_bits) {
  attend_ = &attention;
  in_proj_.pack(weight_bits);
  end_.pack(weight_bits);
}

LastBlock::LastBlock(StateDict& weights, const std::string& block, const TransformerShape& shape,
                     const Placement& placement)
    : LastBlock(take_in_proj(weights, block), weights, block, shape, placement) {}

LastBlock::LastBlock(const LinearParts& in_proj, StateDict& weights, const std::string& block,
                     const TransformerShape& shape, const Placement& placement)
    : num_heads_(shape.num_heads),
      ln_1_(weights, block + "ln_1", shape.layer_norm_eps, placement),
      q_proj_(rows_of(in_proj, 0, 1), placement),
      kv_proj_(rows_of(in_proj, 1, 2), placement),
      end_(weights, block, shape, placement) {}

Tensor LastBlock::forward(const Tensor& x, const Tensor& token, const std::optional<Tensor>& mask) const {
  const Tensor query = split_heads(q_proj_.forward(ln_1_.forward(token)), 1, num_heads_);
  const Tensor kv = split_heads(kv_proj_.forward(ln_1_.forward(x)), 2, num_heads_);
  const Tensor attended = attend_(query[0], kv[0], kv[1], mask, /*is_causal=*/false);
  return end_.forward(token, join_heads(attended)).squeeze(1);
}

Tensor LastBlock::forward_shared_prefix(const Tensor& x, const Tensor& token, const SharedPrefix& shared,
                                        const Tensor& mask) const {
  const std::int64_t width = x.size(1);
  const Tensor query = split_heads(q_proj_.forward(ln_1_.forward(token)).unsqueeze(1), 1, num_heads_);
  const Tensor kv = kv_proj_.forward(ln_1_.forward(x));
  const Tensor own = split_heads(kv.narrow(0, 0, shared.length).unsqueeze(0), 2, num_heads_);
  const Tensor rest = kv.narrow(0, shared.length, shared.num_texts * shared.text_length);
  const Tensor texts =
      split_heads(rest.view({shared.num_texts, shared.text_length, 2 * width}), 2, num_heads_);
  const Tensor attended = attend_(query[0], behind_prefix(own[0], texts[0]), behind_prefix(own[1], texts[1]),
                                  mask, /*is_causal=*/false);
  return end_.forward(token, join_heads(attended).squeeze(1));
}

void LastBlock::pack(int weight_bits) {
  attend_ = &attention;
  q_proj_.pack(weight_bits);
  kv_proj_.pack(weight_bits);
  end_.pack(weight_bits);
}

Blocks::Blocks(StateDict& weights, const std::string& name, const TransformerShape& shape,
               const Placement& placement)
    : last(weights, block_name(name, shape.num_layers - 1), shape, placement) {
  for (std::int64_t layer = 0; layer + 1 < shape.num_layers; ++layer)
    all_but_last.emplace_back(weights, block_name(name, layer), shape, placement);
}

void Blocks::pack(int weight_bits) {
  for (TransformerBlock& block : all_but_last) block.pack(weight_bits);
  last.pack(weight_bits);
}

NetworkOptimization Blocks::count_packed(int num_others) const {
  constexpr int kOfBlock = 4;
  constexpr int kOfLastBlock = 5;
  const int num_blocks = static_cast<int>(all_but_last.size());
  const int num_layers = kOfBlock * num_blocks + kOfLastBlock + num_others;
  return {{num_layers, num_layers}, {num_blocks + 1, num_blocks + 1}};
}

}  // namespace clipcls
