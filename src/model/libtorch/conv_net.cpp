#include "conv_net.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/max_pool2d.h>

#include <array>

namespace clipcls {
namespace {

using at::Tensor;

const LinearActivation kNone = {};
const LinearActivation kGelu = {.name = "gelu", .algorithm = "none"};

/// Its weight [out, in, size, size] in the order of a patch's pixels: [out, size * size * in].
LinearParts take_convolution(StateDict& weights, const std::string& name, LinearActivation activation) {
  const Tensor weight = weights.take(name + ".weight").permute({0, 2, 3, 1});
  return {.weight = weight.reshape({weight.size(0), -1}),
          .bias = weights.take(name + ".bias"),
          .activation = std::move(activation)};
}

/// [batch, side, side, channels] -> [batch, side, side, size * size * channels]: the pixels under a kernel of
/// an odd size at each of its places; outside of the picture they are 0.
Tensor patches_of(const Tensor& x, std::int64_t size) {
  const std::int64_t margin = size / 2;
  const std::array<std::int64_t, 6> margins = {0, 0, margin, margin, margin, margin};
  const Tensor padded = at::constant_pad_nd(x, margins).contiguous();
  const std::int64_t channels = x.size(3);
  const std::int64_t row = padded.stride(1);
  // The pixels of one row of a kernel are neighbours.
  return padded
      .as_strided({x.size(0), x.size(1), x.size(2), size, size * channels},
                  {padded.stride(0), row, channels, row, 1})
      .reshape({x.size(0), x.size(1), x.size(2), size * size * channels});
}

/// [batch, side, side, channels] -> [batch, side / 2, side / 2, channels]
Tensor halve(const Tensor& x) { return at::max_pool2d(x.permute({0, 3, 1, 2}), 2).permute({0, 2, 3, 1}); }

}  // namespace

Convolution::Convolution(StateDict& weights, const std::string& name, std::int64_t size,
                         LinearActivation activation, const Placement& placement)
    : size_(size), linear_(take_convolution(weights, name, std::move(activation)), placement) {}

Tensor Convolution::forward(const Tensor& x) const { return linear_.forward(patches_of(x, size_)); }

ConvNet::ConvNet(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement)
    : adds_mirror_image_(architecture.adds_mirror_image),
      stem_(weights, "visual.stem", kStemSize, kGelu, placement),
      // CLIP computes x @ proj, and a linear layer x @ weight.t().
      projection_({.weight = weights.take("visual.proj").t()}, placement) {
  for (std::size_t group = 0; group < architecture.group_widths.size(); ++group) {
    Group& convolutions = groups_.emplace_back();
    for (std::int64_t conv = 0; conv < architecture.convolutions; ++conv) {
      const std::string name = "visual.groups." + std::to_string(group) + "." + std::to_string(conv);
      // What stands before the activation differs for the others: see forward().
      convolutions.emplace_back(weights, name, kConvolutionSize, conv == 1 ? kGelu : kNone, placement);
    }
  }
}

Tensor ConvNet::forward(const Tensor& pixel_values) {
  Tensor x = adds_mirror_image_ ? at::cat({pixel_values, pixel_values.flip(3)}) : pixel_values;
  x = stem_.forward(x.permute({0, 2, 3, 1}));
  for (const Group& group : groups_) {
    x = at::gelu(halve(group[0].forward(x)));
    if (group.size() > 1) x = group[1].forward(x);
    for (std::size_t conv = 2; conv < group.size(); ++conv) x = at::gelu(group[conv].forward(x).add_(x));
  }
  Tensor features = projection_.forward(x.amax({1, 2}));
  if (!adds_mirror_image_) return features;
  return features.view({2, pixel_values.size(0), -1}).sum(0);
}

NetworkOptimization ConvNet::optimize(int weight_bits, bool /*copies_weights*/) {
  // The stem stretches a picture's finest differences, so that its largest values are far from the others.
  // One scale of 8 bits cannot hold both. The stem and the first group stay in floats.
  stem_.pack(0);
  int num_layers = 2;
  for (Group& group : groups_) {
    const bool is_first = &group == groups_.data();
    for (Convolution& convolution : group) convolution.pack(is_first ? 0 : weight_bits);
    num_layers += static_cast<int>(group.size());
  }
  projection_.pack(weight_bits);
  return {{num_layers, num_layers}, {}};
}

}  // namespace clipcls
