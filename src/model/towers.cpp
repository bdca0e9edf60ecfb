#include "towers.h"

#include <utility>
#include <vector>

#include "tower_sources.h"

namespace clipcls {
namespace {

using torch::Tensor;
using torch::jit::Module;

constexpr double kQuickGeluFactor = 1.702;
constexpr double kBatchNormEpsilon = 1e-5;

/// What a module holds: tensors become parameters, numbers attributes.
using Members = std::vector<std::pair<std::string, c10::IValue>>;
using Children = std::vector<std::pair<std::string, Module>>;

/// One class of modules: its source is compiled for the first object, the others share the type.
class ModuleClass {
 public:
  /// `source` outlives the object.
  ModuleClass(std::string name, const char* source, std::shared_ptr<torch::jit::CompilationUnit> unit)
      : name_(std::move(name)), source_(source), unit_(std::move(unit)) {}

  Module make(const Members& members) {
    if (type_ != nullptr) {
      Module module(unit_, type_);
      module.setattr("training", false);
      for (const auto& [name, value] : members) module.setattr(name, value);
      return module;
    }
    Module module(c10::QualifiedName(name_), unit_);
    module.register_attribute("training", c10::BoolType::get(), false);
    for (const auto& [name, value] : members) {
      if (value.isTensor()) {
        module.register_parameter(name, value.toTensor(), /*is_buffer=*/false);
      } else {
        module.register_attribute(name, value.type(), value);
      }
    }
    module.define(source_);
    type_ = module.type();
    return module;
  }

 private:
  std::string name_;
  const char* source_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  c10::ClassTypePtr type_;
};

/// Replaces the line "    for NAME" of `source` by a call of each child called NAME_0, NAME_1, …
std::string unroll(std::string source, const std::string& name, std::size_t count) {
  std::string calls;
  for (std::size_t index = 0; index < count; ++index) {
    calls += "    x = self." + name + "_" + std::to_string(index) + ".forward(x)\n";
  }
  const std::string line = "    for " + name + "\n";
  return source.replace(source.find(line), line.size(), calls);
}

/// An encoder: its members, its children and its source, compiled last since it calls them.
Module make_encoder(const std::string& name, const std::shared_ptr<torch::jit::CompilationUnit>& unit,
                    const Members& members, const Children& children, const std::string& source) {
  ModuleClass encoder_class(name, "", unit);
  Module encoder = encoder_class.make(members);
  for (const auto& [child_name, child] : children) encoder.register_module(child_name, child);
  encoder.define(source);
  return encoder;
}

void add(Members& members, const std::string& name, c10::IValue value) {
  members.emplace_back(name, std::move(value));
}

/// The weight and bias of a linear layer or a layer norm.
void add_layer(Members& members, const std::string& name, StateDict& state_dict, const std::string& source) {
  add(members, name + "_weight", state_dict.take(source + ".weight"));
  add(members, name + "_bias", state_dict.take(source + ".bias"));
}

/// What a block and a last block have in common.
Members block_members(StateDict& state_dict, const std::string& prefix, std::int64_t num_heads) {
  Members members;
  add(members, "num_heads", num_heads);
  add_layer(members, "ln_1", state_dict, prefix + "ln_1");
  add_layer(members, "out_proj", state_dict, prefix + "attn.out_proj");
  add_layer(members, "ln_2", state_dict, prefix + "ln_2");
  add(members, "c_fc_weight", state_dict.take(prefix + "mlp.c_fc.weight").mul_(kQuickGeluFactor));
  add(members, "c_fc_bias", state_dict.take(prefix + "mlp.c_fc.bias").mul_(kQuickGeluFactor));
  add(members, "c_proj_weight", state_dict.take(prefix + "mlp.c_proj.weight").div_(kQuickGeluFactor));
  add(members, "c_proj_bias", state_dict.take(prefix + "mlp.c_proj.bias"));
  return members;
}

/// The blocks of a transformer as children block_0, block_1, …, last_block.
Children make_blocks(const TransformerShape& shape, bool is_causal, StateDict& state_dict,
                     const std::string& prefix, const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  ModuleClass block_class("Block", kBlockSource, unit);
  ModuleClass last_block_class("LastBlock", kLastBlockSource, unit);
  Children children;
  for (std::int64_t layer = 0; layer < shape.num_layers; ++layer) {
    const std::string block = prefix + ".resblocks." + std::to_string(layer) + ".";
    Members members = block_members(state_dict, block, shape.num_heads);
    const Tensor weight = state_dict.take(block + "attn.in_proj_weight");  // [3 * width, width]: q, k, v
    const Tensor bias = state_dict.take(block + "attn.in_proj_bias");
    if (layer + 1 < shape.num_layers) {
      add(members, "is_causal", is_causal);
      add(members, "qkv_proj_weight", weight);
      add(members, "qkv_proj_bias", bias);
      children.emplace_back("block_" + std::to_string(layer), block_class.make(members));
    } else {
      add(members, "q_proj_weight", weight.narrow(0, 0, shape.width).clone());
      add(members, "q_proj_bias", bias.narrow(0, 0, shape.width).clone());
      add(members, "kv_proj_weight", weight.narrow(0, shape.width, 2 * shape.width).clone());
      add(members, "kv_proj_bias", bias.narrow(0, shape.width, 2 * shape.width).clone());
      children.emplace_back("last_block", last_block_class.make(members));
    }
  }
  return children;
}

Module build_vision_transformer(const OpenAiArchitecture& architecture, StateDict& state_dict) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const Children blocks =
      make_blocks(architecture.vision, /*is_causal=*/false, state_dict, "visual.transformer", unit);
  Members members;
  add(members, "patch_size", architecture.patch_size);
  // The convolution's stride is its kernel size: one linear layer over the pixels of a patch.
  add(members, "patch_embedding_weight", state_dict.take("visual.conv1.weight").flatten(1));
  add(members, "class_embedding", state_dict.take("visual.class_embedding"));
  add(members, "positional_embedding", state_dict.take("visual.positional_embedding"));
  add_layer(members, "ln_pre", state_dict, "visual.ln_pre");
  add_layer(members, "ln_post", state_dict, "visual.ln_post");
  add(members, "projection_weight", state_dict.take("visual.proj").t().contiguous());
  return make_encoder("VisionTransformer", unit, members, blocks,
                      unroll(kVisionTransformerSource, "block", blocks.size() - 1));
}

/// A convolution and the batch norm behind it as one convolution with bias.
void add_conv(Members& members, const std::string& name, StateDict& state_dict, const std::string& conv,
              const std::string& batch_norm) {
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
Children make_bottlenecks(const OpenAiArchitecture& architecture, StateDict& state_dict,
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

Module build_modified_resnet(const OpenAiArchitecture& architecture, StateDict& state_dict) {
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

}  // namespace

Module build_image_encoder(const OpenAiArchitecture& architecture, StateDict& state_dict) {
  const torch::NoGradGuard no_grad;
  return architecture.is_resnet ? build_modified_resnet(architecture, state_dict)
                                : build_vision_transformer(architecture, state_dict);
}

Module build_text_encoder(const OpenAiArchitecture& architecture, StateDict& state_dict) {
  const torch::NoGradGuard no_grad;
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const Children blocks = make_blocks(architecture.text, /*is_causal=*/true, state_dict, "transformer", unit);
  Members members;
  add(members, "token_embedding", state_dict.take("token_embedding.weight"));
  add(members, "positional_embedding", state_dict.take("positional_embedding"));
  add_layer(members, "ln_final", state_dict, "ln_final");
  add(members, "projection_weight", state_dict.take("text_projection").t().contiguous());
  return make_encoder("TextEncoder", unit, members, blocks,
                      unroll(kTextEncoderSource, "block", blocks.size() - 1));
}

}  // namespace clipcls
