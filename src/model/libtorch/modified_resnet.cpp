#include "modified_resnet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/relu.h>

#include <string>

#include "scaled_weight.h"

namespace clipcls {
namespace {

using at::Tensor;

constexpr double kBatchNormEpsilon = 1e-5;
constexpr const char* kAttentionPool = "visual.attnpool.";

TowerLinear take_pool_layer(StateDict& weights, const char* name, const Placement& placement) {
  return {take_linear(weights, kAttentionPool + std::string(name)), placement};
}

/// [batch, length, width] -> [batch, heads, length, head_width]
Tensor heads_of(const Tensor& x, std::int64_t num_heads) {
  return x.view({x.size(0), x.size(1), num_heads, -1}).transpose(1, 2);
}

}  // namespace

// gamma * (conv(x) - mean) / sqrt(variance + eps) + beta, written as one convolution: its weight is scaled,
// its bias is beta - mean * scale. In double, so that the result is rounded once.
FoldedConvolution::FoldedConvolution(StateDict& weights, const std::string& conv,
                                     const std::string& batch_norm, const Placement& placement) {
  const auto take_double = [&](const char* part) { return weights.take(batch_norm + part).to(at::kDouble); };
  const Tensor scale = take_double(".weight") / (take_double(".running_var") + kBatchNormEpsilon).sqrt();
  const Tensor bias = take_double(".bias") - take_double(".running_mean") * scale;
  // [out, in, size, size] with channels last: RN50 takes between two thirds and four fifths of the time so,
  // on two CPU cores.
  weight_ = scaled_weight(weights.take(conv + ".weight"), 1, scale.to(at::kFloat), placement.type,
                          at::MemoryFormat::ChannelsLast)
                .to(placement.device);
  bias_ = bias.to(placement.device, placement.type);
}

Tensor FoldedConvolution::forward(const Tensor& x, std::int64_t stride) const {
  // Three by three, or one by one: the picture keeps its size.
  return at::conv2d(x, weight_, bias_, stride, /*padding=*/weight_.size(2) / 2);
}

Bottleneck::Bottleneck(StateDict& weights, const std::string& name, bool is_first, std::int64_t stride,
                       const Placement& placement)
    : conv1_(weights, name + "conv1", name + "bn1", placement),
      conv2_(weights, name + "conv2", name + "bn2", placement),
      conv3_(weights, name + "conv3", name + "bn3", placement),
      stride_(stride) {
  if (is_first) downsample_.emplace(weights, name + "downsample.0", name + "downsample.1", placement);
}

Tensor Bottleneck::forward(const Tensor& x) const {
  const auto shrink = [&](const Tensor& picture) {
    return stride_ > 1 ? at::avg_pool2d(picture, stride_) : picture;
  };
  Tensor out = conv1_.forward(x).relu_();
  out = shrink(conv2_.forward(out).relu_());
  return conv3_.forward(out).add_(downsample_ ? downsample_->forward(shrink(x)) : x).relu_();
}

ModifiedResNet::ModifiedResNet(const ClipArchitecture& architecture, StateDict& weights,
                               const Placement& placement)
    : num_heads_(architecture.attnpool_num_heads),
      positional_embedding_(take_copy(weights, "visual.attnpool.positional_embedding", placement)),
      q_proj_(take_pool_layer(weights, "q_proj", placement)),
      k_proj_(take_pool_layer(weights, "k_proj", placement)),
      v_proj_(take_pool_layer(weights, "v_proj", placement)),
      c_proj_(take_pool_layer(weights, "c_proj", placement)) {
  for (const char* number : {"1", "2", "3"}) {
    stem_.emplace_back(weights, std::string("visual.conv") + number, std::string("visual.bn") + number,
                       placement);
  }
  for (std::size_t stage = 0; stage < architecture.resnet_layers.size(); ++stage) {
    for (std::int64_t layer = 0; layer < architecture.resnet_layers[stage]; ++layer) {
      const std::string name = "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(layer) + ".";
      // Each stage but the first halves the picture, in its first bottleneck.
      bottlenecks_.emplace_back(weights, name, layer == 0, layer == 0 && stage > 0 ? 2 : 1, placement);
    }
  }
}

Tensor ModifiedResNet::forward(const Tensor& pixel_values) {
  Tensor x = pixel_values.contiguous(at::MemoryFormat::ChannelsLast);
  for (const FoldedConvolution& conv : stem_) x = conv.forward(x, &conv == stem_.data() ? 2 : 1).relu_();
  x = at::avg_pool2d(x, 2);
  for (const Bottleneck& bottleneck : bottlenecks_) x = bottleneck.forward(x);
  return pool(x.flatten(2).transpose(1, 2));
}

/// [batch, grid * grid, width] -> [batch, embed_dim]: attention for their mean, the one query whose output is
/// used.
Tensor ModifiedResNet::pool(const Tensor& x) const {
  const Tensor tokens = at::cat({x.mean(1, /*keepdim=*/true), x}, 1).add_(positional_embedding_);
  const Tensor query = heads_of(q_proj_.forward(tokens.narrow(1, 0, 1)), num_heads_);
  const Tensor keys = heads_of(k_proj_.forward(tokens), num_heads_);
  const Tensor values = heads_of(v_proj_.forward(tokens), num_heads_);
  const Tensor attended = attend_(query, keys, values, std::nullopt, /*is_causal=*/false);
  return c_proj_.forward(attended.transpose(1, 2).flatten(1));
}

NetworkOptimization ModifiedResNet::optimize(int weight_bits, bool /*copies_weights*/) {
  attend_ = &attention;
  for (TowerLinear* layer : {&q_proj_, &k_proj_, &v_proj_, &c_proj_}) layer->pack(weight_bits);
  return {{4, 4}, {1, 1}};
}

}  // namespace clipcls
