#pragma once

#include <torch/torch.h>

#include <ostream>
#include <string>

#include "model/libtorch/state_dict.h"

namespace clipcls {

// Architectures of a few thousand weights, one for each thing that a tower may have or lack.

struct Towers {
  const char* name;
  ClipArchitecture clip;
};

inline void PrintTo(const Towers& towers, std::ostream* stream) { *stream << towers.name; }

inline ClipArchitecture plain() {
  ClipArchitecture clip;
  clip.embed_dim = 16;
  clip.image_size = 24;
  clip.vision = {.width = 64, .num_layers = 3, .num_heads = 2, .mlp_width = 128};
  clip.patch_size = 8;
  clip.text = {.width = 64, .num_layers = 3, .num_heads = 4, .mlp_width = 192};
  clip.context_length = 12;
  clip.vocab_size = 50;
  clip.eot_token_id = 49;
  return clip;
}

inline ClipArchitecture with_everything() {
  ClipArchitecture clip = plain();
  clip.vision.activation = clip.text.activation = MlpActivation::kGelu;
  clip.vision.has_layer_scale = clip.text.has_layer_scale = true;
  clip.has_ln_pre = false;
  clip.end_token_rule = EndTokenRule::kFirstEndToken;
  clip.eot_token_id = 7;
  clip.has_text_projection_bias = true;
  return clip;
}

inline ClipArchitecture one_layer() {
  ClipArchitecture clip = plain();
  clip.vision.num_layers = clip.text.num_layers = 1;
  clip.vision.has_layer_scale = clip.text.has_layer_scale = true;
  return clip;
}

inline ClipArchitecture resnet() {
  ClipArchitecture clip = plain();
  clip.image_tower = ImageTower::kModifiedResnet;
  clip.image_size = 64;
  clip.resnet_width = 8;
  clip.resnet_layers = {1, 2, 1, 1};
  clip.attnpool_num_heads = 4;
  clip.is_text_causal = false;
  return clip;
}

inline ClipArchitecture conv_net() {
  ClipArchitecture clip = plain();
  clip.image_tower = ImageTower::kConvNet;
  clip.image_size = 32;
  clip.stem_width = 8;
  clip.group_widths = {16, 24};
  clip.convolutions = 3;
  clip.adds_mirror_image = true;
  return clip;
}

inline ClipArchitecture siglip() {
  ClipArchitecture clip = plain();
  clip.embed_dim = clip.vision.width;
  clip.image_tower = ImageTower::kSiglipVisionTransformer;
  clip.image_size = 27;  // three pixels are left over
  clip.vision.activation = clip.text.activation = MlpActivation::kGeluTanh;
  clip.is_text_causal = false;
  clip.end_token_rule = EndTokenRule::kLastPosition;
  clip.pad_token_id = 1;  // what texts() are filled up with
  clip.has_text_projection_bias = true;
  return clip;
}

/// As open_clip's ViT-SO400M-16-SigLIP-i18n-256: nothing is projected.
inline ClipArchitecture unprojected() {
  ClipArchitecture clip = siglip();
  clip.has_text_projection = clip.has_text_projection_bias = false;
  return clip;
}

inline ClipArchitecture bert() {
  ClipArchitecture clip = plain();
  clip.has_ln_pre = false;
  clip.has_patch_bias = true;
  clip.text_tower = TextTower::kBert;
  clip.text.activation = MlpActivation::kGelu;
  clip.text.layer_norm_eps = 1e-12;
  clip.is_text_causal = false;
  clip.num_positions = 20;
  clip.num_token_types = 2;
  clip.has_mlp_projection = true;
  clip.pad_token_id = 1;  // what texts() are filled up with
  return clip;
}

/// Seeded random weights.
inline StateDict make_weights(const TensorShapes& shapes, torch::ScalarType type) {
  torch::manual_seed(3);
  StateDict weights;
  for (const auto& [name, shape] : shapes) {
    torch::Tensor tensor = torch::randn(shape) * 0.1;
    if (name.ends_with(".running_var") || name.ends_with("gamma")) tensor = tensor.abs() + 0.5;
    const bool is_norm = name.find("ln_") != std::string::npos || name.find("LayerNorm") != std::string::npos;
    if (is_norm && name.ends_with("weight")) tensor += 1;
    weights.put(name, tensor.to(type));
  }
  return weights;
}

}  // namespace clipcls
