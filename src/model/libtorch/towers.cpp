// Encoders are built from weights as TorchScript: the sources in tower_sources.h, with this architecture's
// variations put in, compiled over modules that hold the weights. What can be computed once is folded into
// the weights here.
#include "towers.h"

#include <utility>

#include "module_class.h"
#include "resnet_tower.h"
#include "tower_sources.h"

namespace clipcls {
namespace {

using torch::Tensor;
using torch::jit::Module;

// QuickGELU(x) = x * sigmoid(1.702 x) = SiLU(1.702 x) / 1.702. The factor goes into the weights before and
// behind it, so that the activation is a SiLU, which oneDNN fuses.
constexpr double kQuickGeluFactor = 1.702;

/// What stands in a source for the call of the MLP's activation.
std::string with_activation(const char* source, MlpActivation activation) {
  return replace_all(source, "activation(",
                     activation == MlpActivation::kQuickGelu ? "torch.silu(" : "torch.gelu(");
}

/// The last layer of a residual branch; the layer scale behind it goes into its weights.
void add_branch_end(Members& members, const std::string& name, StateDict& state_dict,
                    const std::string& source, const std::string& layer_scale, double factor) {
  Tensor weight = state_dict.take(source + ".weight");
  Tensor bias = state_dict.take(source + ".bias");
  if (factor != 1.0) weight.mul_(factor);
  if (!layer_scale.empty()) {
    const Tensor gamma = state_dict.take(layer_scale);
    weight.mul_(gamma.unsqueeze(1));
    bias.mul_(gamma);
  }
  add(members, name + "_weight", weight);
  add(members, name + "_bias", bias);
}

/// What a block and a last block have in common.
Members block_members(StateDict& state_dict, const std::string& prefix, const TransformerShape& shape) {
  const bool is_quick_gelu = shape.activation == MlpActivation::kQuickGelu;
  const auto layer_scale = [&](const char* name) {
    return shape.has_layer_scale ? prefix + name : std::string();
  };
  Members members;
  add(members, "num_heads", shape.num_heads);
  add(members, "ln_eps", shape.layer_norm_eps);
  add_layer(members, "ln_1", state_dict, prefix + "ln_1");
  add_branch_end(members, "out_proj", state_dict, prefix + "attn.out_proj", layer_scale("ls_1.gamma"), 1.0);
  add_layer(members, "ln_2", state_dict, prefix + "ln_2");
  const Tensor weight = state_dict.take(prefix + "mlp.c_fc.weight");
  const Tensor bias = state_dict.take(prefix + "mlp.c_fc.bias");
  add(members, "c_fc_weight", is_quick_gelu ? weight.mul_(kQuickGeluFactor) : weight);
  add(members, "c_fc_bias", is_quick_gelu ? bias.mul_(kQuickGeluFactor) : bias);
  add_branch_end(members, "c_proj", state_dict, prefix + "mlp.c_proj", layer_scale("ls_2.gamma"),
                 is_quick_gelu ? 1 / kQuickGeluFactor : 1.0);
  return members;
}

/// The blocks of a transformer as children block_0, block_1, …, last_block.
Children make_blocks(const TransformerShape& shape, bool is_causal, StateDict& state_dict,
                     const std::string& prefix, const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  const auto source = [&](const char* block, const char* shared_prefix_block) {
    return with_activation(block, shape.activation) + (is_causal ? shared_prefix_block : "");
  };
  // One class for all blocks and one for the last, whose output is a single token.
  ModuleClass block_class("Block", source(kBlockSource, kSharedPrefixBlockSource), unit);
  ModuleClass last_block_class("LastBlock", source(kLastBlockSource, kSharedPrefixLastBlockSource), unit);
  Children children;
  for (std::int64_t layer = 0; layer < shape.num_layers; ++layer) {
    const std::string block = prefix + ".resblocks." + std::to_string(layer) + ".";
    Members members = block_members(state_dict, block, shape);
    const Tensor weight = state_dict.take(block + "attn.in_proj_weight");  // [3 * width, width]: q, k, v
    const Tensor bias = state_dict.take(block + "attn.in_proj_bias");
    if (layer + 1 < shape.num_layers) {
      add(members, "is_causal", is_causal);
      add(members, "qkv_proj_weight", weight);
      add(members, "qkv_proj_bias", bias);
      children.emplace_back("block_" + std::to_string(layer), block_class.make(members));
    } else {
      // Of the last block only one token's output is used: its query is one row, while keys and values are
      // those of all tokens. So the joint projection is taken apart.
      add(members, "q_proj_weight", weight.narrow(0, 0, shape.width).clone());
      add(members, "q_proj_bias", bias.narrow(0, 0, shape.width).clone());
      add(members, "kv_proj_weight", weight.narrow(0, shape.width, 2 * shape.width).clone());
      add(members, "kv_proj_bias", bias.narrow(0, shape.width, 2 * shape.width).clone());
      children.emplace_back("last_block", last_block_class.make(members));
    }
  }
  return children;
}

Module build_vision_transformer(const ClipArchitecture& architecture, StateDict& state_dict) {
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const Children blocks =
      make_blocks(architecture.vision, /*is_causal=*/false, state_dict, "visual.transformer", unit);
  Members members;
  add(members, "patch_size", architecture.patch_size);
  // The convolution's stride is its kernel size: one linear layer over the pixels of a patch.
  add(members, "patch_embedding_weight", state_dict.take("visual.conv1.weight").flatten(1));
  add(members, "class_embedding", state_dict.take("visual.class_embedding"));
  add(members, "positional_embedding", state_dict.take("visual.positional_embedding"));
  add(members, "ln_eps", architecture.vision.layer_norm_eps);
  if (architecture.has_ln_pre) add_layer(members, "ln_pre", state_dict, "visual.ln_pre");
  add_layer(members, "ln_post", state_dict, "visual.ln_post");
  // CLIP computes x @ proj, and a linear layer x @ weight.t().
  add(members, "projection_weight", state_dict.take("visual.proj").t().contiguous());
  std::string source = unroll(kVisionTransformerSource, "block", blocks.size() - 1);
  source = replace_all(std::move(source), "    ln_pre\n", architecture.has_ln_pre ? kLnPreLine : "");
  return make_encoder("VisionTransformer", unit, members, blocks, source);
}

}  // namespace

Module build_image_encoder(const ClipArchitecture& architecture, StateDict& state_dict) {
  const torch::NoGradGuard no_grad;
  return architecture.is_resnet ? build_modified_resnet(architecture, state_dict)
                                : build_vision_transformer(architecture, state_dict);
}

Module build_text_encoder(const ClipArchitecture& architecture, StateDict& state_dict) {
  const torch::NoGradGuard no_grad;
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const Children blocks = make_blocks(architecture.text, /*is_causal=*/true, state_dict, "transformer", unit);
  Members members;
  add(members, "token_embedding", state_dict.take("token_embedding.weight"));
  add(members, "positional_embedding", state_dict.take("positional_embedding"));
  add_layer(members, "ln_final", state_dict, "ln_final");
  add(members, "ln_eps", architecture.text.layer_norm_eps);
  // The source is CLIP's, and the lines of each variation are put in where the architecture has them.
  std::string source = unroll(kTextEncoderSource, "block", blocks.size() - 1);
  if (architecture.has_text_projection_bias) {
    add_layer(members, "projection", state_dict, "text_projection");
    source = replace_all(std::move(source), "self.projection_weight",
                         "self.projection_weight, self.projection_bias");
  } else {
    add(members, "projection_weight", state_dict.take("text_projection").t().contiguous());
  }
  // Without a rule of its own the end token is where the highest id stands, as in OpenAI's code.
  if (architecture.end_token_rule == EndTokenRule::kFirstEndToken) {
    add(members, "eot_token_id", architecture.eot_token_id);
    source = replace_all(std::move(source), kHighestIdCode, kFirstEndTokenCode);
  }
  return make_encoder("TextEncoder", unit, members, blocks, source);
}

}  // namespace clipcls
