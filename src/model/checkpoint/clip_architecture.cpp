#include "clip_architecture.h"

#include <sstream>
#include <utility>

namespace clipcls {
namespace {

constexpr std::int64_t kExpansion = 4;  // of a bottleneck's output

void add_linear(TensorShapes& shapes, const std::string& name, std::int64_t out, std::int64_t in) {
  shapes[name + ".weight"] = {out, in};
  shapes[name + ".bias"] = {out};
}

void add_layer_norm(TensorShapes& shapes, const std::string& name, std::int64_t width) {
  shapes[name + ".weight"] = {width};
  shapes[name + ".bias"] = {width};
}

// Names and shapes as in OpenAI's model.py: a "weight" of a linear layer is [out, in].
void add_transformer(TensorShapes& shapes, const std::string& prefix, const TransformerShape& transformer) {
  const std::int64_t width = transformer.width;
  for (std::int64_t layer = 0; layer < transformer.num_layers; ++layer) {
    const std::string block = prefix + ".resblocks." + std::to_string(layer) + ".";
    add_layer_norm(shapes, block + "ln_1", width);
    add_layer_norm(shapes, block + "ln_2", width);
    shapes[block + "attn.in_proj_weight"] = {3 * width, width};
    shapes[block + "attn.in_proj_bias"] = {3 * width};
    add_linear(shapes, block + "attn.out_proj", width, width);
    add_linear(shapes, block + "mlp.c_fc", transformer.mlp_width, width);
    add_linear(shapes, block + "mlp.c_proj", width, transformer.mlp_width);
    if (transformer.has_layer_scale) {
      shapes[block + "ls_1.gamma"] = {width};
      shapes[block + "ls_2.gamma"] = {width};
    }
  }
}

/// A convolution without bias, and the batch norm behind it.
void add_conv(TensorShapes& shapes, const std::string& conv, const std::string& batch_norm,
              TensorShape weight) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
    shapes[batch_norm + part] = {weight[0]};
  }
  shapes[batch_norm + ".num_batches_tracked"] = {};
  shapes[conv + ".weight"] = std::move(weight);
}

void add_vision_transformer(TensorShapes& shapes, const ClipArchitecture& architecture) {
  const std::int64_t width = architecture.vision.width;
  const std::int64_t patch_size = architecture.patch_size;
  const std::int64_t grid = architecture.image_size / patch_size;
  shapes["visual.conv1.weight"] = {width, 3, patch_size, patch_size};
  if (architecture.has_patch_bias) shapes["visual.conv1.bias"] = {width};
  shapes["visual.class_embedding"] = {width};
  // One row for each patch, and one for the class token.
  shapes["visual.positional_embedding"] = {grid * grid + 1, width};
  if (architecture.has_ln_pre) add_layer_norm(shapes, "visual.ln_pre", width);
  add_transformer(shapes, "visual.transformer", architecture.vision);
  add_layer_norm(shapes, "visual.ln_post", width);
  shapes["visual.proj"] = {width, architecture.embed_dim};
}

void add_siglip_vision_transformer(TensorShapes& shapes, const ClipArchitecture& architecture) {
  const TransformerShape& vision = architecture.vision;
  const std::int64_t width = vision.width;
  const std::int64_t patch_size = architecture.patch_size;
  // Where patches do not fill the picture, its last pixels are left out.
  const std::int64_t grid = architecture.image_size / patch_size;
  shapes["visual.conv1.weight"] = {width, 3, patch_size, patch_size};
  shapes["visual.conv1.bias"] = {width};
  shapes["visual.positional_embedding"] = {grid * grid, width};
  add_transformer(shapes, "visual.transformer", vision);
  add_layer_norm(shapes, "visual.ln_post", width);
  // The pool has the parts of a block but the norm before its attention.
  const std::string pool = "visual.attnpool.";
  shapes[pool + "probe"] = {width};
  shapes[pool + "attn.in_proj_weight"] = {3 * width, width};
  shapes[pool + "attn.in_proj_bias"] = {3 * width};
  add_linear(shapes, pool + "attn.out_proj", width, width);
  add_layer_norm(shapes, pool + "ln_2", width);
  add_linear(shapes, pool + "mlp.c_fc", vision.mlp_width, width);
  add_linear(shapes, pool + "mlp.c_proj", width, vision.mlp_width);
}

void add_resnet(TensorShapes& shapes, const ClipArchitecture& architecture) {
  const std::int64_t width = architecture.resnet_width;
  // The stem has three convolutions in place of ResNet's one of 7 x 7.
  add_conv(shapes, "visual.conv1", "visual.bn1", {width / 2, 3, 3, 3});
  add_conv(shapes, "visual.conv2", "visual.bn2", {width / 2, width / 2, 3, 3});
  add_conv(shapes, "visual.conv3", "visual.bn3", {width, width / 2, 3, 3});
  std::int64_t in = width;
  std::int64_t planes = width;
  // Each stage has twice the planes of the one before, and each bottleneck puts out kExpansion times its
  // planes.
  for (std::size_t stage = 0; stage < architecture.resnet_layers.size(); ++stage, planes *= 2) {
    const std::int64_t out = kExpansion * planes;
    for (std::int64_t layer = 0; layer < architecture.resnet_layers[stage]; ++layer, in = out) {
      const std::string block =
          "visual.layer" + std::to_string(stage + 1) + "." + std::to_string(layer) + ".";
      add_conv(shapes, block + "conv1", block + "bn1", {planes, in, 1, 1});
      add_conv(shapes, block + "conv2", block + "bn2", {planes, planes, 3, 3});
      add_conv(shapes, block + "conv3", block + "bn3", {out, planes, 1, 1});
      if (layer == 0) add_conv(shapes, block + "downsample.0", block + "downsample.1", {out, in, 1, 1});
    }
  }
  const std::int64_t grid = architecture.image_size / kResnetReduction;
  shapes["visual.attnpool.positional_embedding"] = {grid * grid + 1, in};
  for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
    add_linear(shapes, std::string("visual.attnpool.") + name, in, in);
  }
  add_linear(shapes, "visual.attnpool.c_proj", architecture.embed_dim, in);
}

void add_conv_net(TensorShapes& shapes, const ClipArchitecture& architecture) {
  const auto add = [&](const std::string& name, TensorShape weight) {
    shapes[name + ".bias"] = {weight[0]};
    shapes[name + ".weight"] = std::move(weight);
  };
  add("visual.stem", {architecture.stem_width, 3, kStemSize, kStemSize});
  std::int64_t in = architecture.stem_width;
  for (std::size_t group = 0; group < architecture.group_widths.size(); ++group) {
    const std::int64_t out = architecture.group_widths[group];
    for (std::int64_t conv = 0; conv < architecture.convolutions; ++conv, in = out) {
      add("visual.groups." + std::to_string(group) + "." + std::to_string(conv),
          {out, in, kConvolutionSize, kConvolutionSize});
    }
  }
  shapes["visual.proj"] = {in, architecture.embed_dim};
}

// Names of transformers' BertModel, which open_clip has, too.
void add_bert(TensorShapes& shapes, const ClipArchitecture& architecture) {
  const std::int64_t width = architecture.text.width;
  const std::string embeddings = "transformer.embeddings.";
  shapes[embeddings + "word_embeddings.weight"] = {architecture.vocab_size, width};
  shapes[embeddings + "position_embeddings.weight"] = {architecture.num_positions, width};
  shapes[embeddings + "token_type_embeddings.weight"] = {architecture.num_token_types, width};
  add_layer_norm(shapes, embeddings + "LayerNorm", width);
  for (std::int64_t i = 0; i < architecture.text.num_layers; ++i) {
    const std::string layer = "transformer.encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"query", "key", "value"})
      add_linear(shapes, layer + "attention.self." + part, width, width);
    add_linear(shapes, layer + "attention.output.dense", width, width);
    add_layer_norm(shapes, layer + "attention.output.LayerNorm", width);
    add_linear(shapes, layer + "intermediate.dense", architecture.text.mlp_width, width);
    add_linear(shapes, layer + "output.dense", width, architecture.text.mlp_width);
    add_layer_norm(shapes, layer + "output.LayerNorm", width);
  }
  if (architecture.has_mlp_projection) {
    const std::int64_t hidden = (width + architecture.embed_dim) / 2;  // open_clip's rule
    shapes["proj.0.weight"] = {hidden, width};
    shapes["proj.2.weight"] = {architecture.embed_dim, hidden};
  } else {
    shapes["text_projection"] = {width, architecture.embed_dim};
  }
}

const char* activation_name(MlpActivation activation) {
  switch (activation) {
    case MlpActivation::kQuickGelu:
      return "QuickGELU";
    case MlpActivation::kGelu:
      return "GELU";
    case MlpActivation::kGeluTanh:
      return "GELU by tanh";
  }
  return "";
}

}  // namespace

std::int64_t image_reduction(const ClipArchitecture& architecture) {
  switch (architecture.image_tower) {
    case ImageTower::kModifiedResnet:
      return kResnetReduction;
    case ImageTower::kConvNet:
      return std::int64_t{1} << architecture.group_widths.size();  // each group halves the picture
    case ImageTower::kVisionTransformer:
    case ImageTower::kSiglipVisionTransformer:
      break;
  }
  return architecture.patch_size;
}

TensorShapes expected_image_shapes(const ClipArchitecture& architecture) {
  TensorShapes shapes;
  switch (architecture.image_tower) {
    case ImageTower::kVisionTransformer:
      add_vision_transformer(shapes, architecture);
      break;
    case ImageTower::kSiglipVisionTransformer:
      add_siglip_vision_transformer(shapes, architecture);
      break;
    case ImageTower::kModifiedResnet:
      add_resnet(shapes, architecture);
      break;
    case ImageTower::kConvNet:
      add_conv_net(shapes, architecture);
      break;
  }
  return shapes;
}

TensorShapes expected_text_shapes(const ClipArchitecture& architecture) {
  TensorShapes shapes;
  if (architecture.text_tower == TextTower::kBert) {
    add_bert(shapes, architecture);
    return shapes;
  }
  const std::int64_t width = architecture.text.width;
  shapes["token_embedding.weight"] = {architecture.vocab_size, width};
  shapes["positional_embedding"] = {architecture.context_length, width};
  add_transformer(shapes, "transformer", architecture.text);
  add_layer_norm(shapes, "ln_final", width);
  if (!architecture.has_text_projection) return shapes;
  if (architecture.has_text_projection_bias) {
    add_linear(shapes, "text_projection", architecture.embed_dim, width);
  } else {
    // A plain parameter in OpenAI's code, [in, out], where open_clip's with a bias is a linear layer.
    shapes["text_projection"] = {width, architecture.embed_dim};
  }
  return shapes;
}

TensorShapes expected_shapes(const ClipArchitecture& architecture) {
  TensorShapes shapes = expected_image_shapes(architecture);
  shapes.merge(expected_text_shapes(architecture));
  shapes["logit_scale"] = {};
  return shapes;
}

std::string describe_image_encoder(const ClipArchitecture& architecture) {
  std::ostringstream line;
  if (architecture.image_tower == ImageTower::kModifiedResnet) {
    const auto& layers = architecture.resnet_layers;
    line << "ModifiedResNet, " << layers[0] << '-' << layers[1] << '-' << layers[2] << '-' << layers[3]
         << " bottlenecks, width " << architecture.resnet_width << ", attention pool of "
         << architecture.attnpool_num_heads << " heads";
  } else if (architecture.image_tower == ImageTower::kConvNet) {
    line << "ConvNet, " << architecture.group_widths.size() << " groups of " << architecture.convolutions
         << " convolutions, width " << architecture.stem_width;
    for (const std::int64_t width : architecture.group_widths) line << '-' << width;
    if (architecture.adds_mirror_image) line << ", also of the mirror image";
  } else {
    const TransformerShape& vision = architecture.vision;
    const bool is_siglip = architecture.image_tower == ImageTower::kSiglipVisionTransformer;
    line << (is_siglip ? "SigLIP vision transformer, " : "VisionTransformer, ") << vision.num_layers
         << " layers, width " << vision.width << ", " << vision.num_heads << " heads, patch "
         << architecture.patch_size << ", " << activation_name(vision.activation);
  }
  return line.str();
}

std::string describe_text_encoder(const ClipArchitecture& architecture) {
  const TransformerShape& text = architecture.text;
  std::ostringstream line;
  const bool is_bert = architecture.text_tower == TextTower::kBert;
  line << (is_bert ? "BERT, " : "text transformer, ") << text.num_layers << " layers, width " << text.width
       << ", " << text.num_heads << " heads, " << activation_name(text.activation)
       << (architecture.is_text_causal || is_bert ? "" : ", not causal");
  return line.str();
}

}  // namespace clipcls
