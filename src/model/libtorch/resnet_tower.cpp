#include "resnet_tower.h"

#include "module_class.h"
#include "tower_sources.h"

namespace clipcls {
namespace {

using torch::Tensor;
using torch::jit::Module;

constexpr double kBatchNormEpsilon = 1e-5;

/// A convolution and the batch norm behind it as one convolution with bias.
void add_conv(Members& members, const std::string& name, StateDict& state_dict, const std::string& conv,
              const std::string& batch_norm) {
  // gamma * (conv(x) - mean) / sqrt(variance + eps) + beta, written as one convolution: its weight is
  // scaled, its bias is beta - mean * scale. In double, so that the result is rounded once.
  const Tensor gamma = state_dict.take(batch_norm + ".weight").to(torch::kDouble);
  const Tensor beta = state_dict.take(batch_norm + ".bias").to(torch::kDouble);
  const Tensor mean = state_dict.take(batch_norm + ".running_mean").to(torch::kDouble);
  const Tensor variance = state_dict.take(batch_norm + ".running_var").to(torch::kDouble);
  const Tensor scale = gamma / (variance + kBatchNormEpsilon).sqrt();
  const Tensor weight = state_dict.take(conv + ".weight");  // [out, in, size, size]
  weight.mul_(scale.to(torch::kFloat).view({-1, 1, 1, 1}));
  add(members, name + "_weight", weight.contiguous(torch::MemoryFormat::ChannelsLast));
  add(members, name + "_bias", (beta - mean * scale).to(torch::kFloat));
}

/// The bottlenecks of the four stages as children bottleneck_0, bottleneck_1, …
Children make_bottlenecks(const ClipArchitecture& architecture, StateDict& state_dict,
                          const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  ModuleClass plain_class("Bottleneck", kBottleneckSource, unit);
  ModuleClass downsample_class("DownsampleBottleneck", kDownsampleBottleneckSource, unit);
  Children children;
  for (std::size_t stage = 0; stage < architecture.resnet_layers.size(); ++stage) {
    for (std::int64_t layer = 0; layer < architecture.resnet_layers[stage]; ++layer) {
      const std::string prefix =
          "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(layer) + ".";
      Members members;
      add_conv(members, "conv1", state_dict, prefix + "conv1", prefix + "bn1");
      add_conv(members, "conv2", state_dict, prefix + "conv2", prefix + "bn2");
      add_conv(members, "conv3", state_dict, prefix + "conv3", prefix + "bn3");
      const std::string name = "bottleneck_" + std::to_string(children.size());
      if (layer == 0) {
        // Each stage but the first halves the picture, in its first bottleneck.
        add(members, "stride", stage == 0 ? 1 : 2);
        add_conv(members, "downsample", state_dict, prefix + "downsample.0", prefix + "downsample.1");
        children.emplace_back(name, downsample_class.make(members));
      } else {
        children.emplace_back(name, plain_class.make(members));
      }
    }
  }
  return children;
}

}  // namespace

Module build_modified_resnet(const ClipArchitecture& architecture, StateDict& state_dict) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const Children bottlenecks = make_bottlenecks(architecture, state_dict, unit);
  const std::string attnpool = "visual.attnpool.";
  Members members;
  add_conv(members, "conv1", state_dict, "visual.conv1", "visual.bn1");
  add_conv(members, "conv2", state_dict, "visual.conv2", "visual.bn2");
  add_conv(members, "conv3", state_dict, "visual.conv3", "visual.bn3");
  add(members, "num_heads", architecture.attnpool_num_heads);
  add(members, "positional_embedding", state_dict.take(attnpool + "positional_embedding"));
  add_layer(members, "q_proj", state_dict, attnpool + "q_proj");
  // Keys and values have one input: one product of twice the width in place of two.
  const auto keys_and_values = [&](const std::string& part) {
    return torch::cat(
        {state_dict.take(attnpool + "k_proj" + part), state_dict.take(attnpool + "v_proj" + part)});
  };
  add(members, "kv_proj_weight", keys_and_values(".weight"));
  add(members, "kv_proj_bias", keys_and_values(".bias"));
  add_layer(members, "projection", state_dict, attnpool + "c_proj");
  return make_encoder("ModifiedResNet", unit, members, bottlenecks,
                      unroll(kModifiedResnetSource, "bottleneck", bottlenecks.size()));
}

}  // namespace clipcls
