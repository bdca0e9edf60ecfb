#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tensor_shapes.h"

namespace clipcls {

/// What stands between the two linear layers of a block's MLP.
enum class MlpActivation { kQuickGelu, kGelu, kGeluTanh };

/// Which token of a prompt gives the text's features: the one with the highest id, the first of equals, as in
/// OpenAI's code, or the first whose id is that of the end token; or whatever stands at the last position of
/// the context, which padding fills, as in SigLIP.
enum class EndTokenRule { kHighestId, kFirstEndToken, kLastPosition };

/// The kinds of image towers that are built here. SigLIP's is a vision transformer without a class token,
/// whose features an attention pool makes of all patches.
enum class ImageTower { kVisionTransformer, kSiglipVisionTransformer, kModifiedResnet, kConvNet };

/// The kinds of text towers that are built here. BERT's has its norms behind attention and MLP, and its first
/// token gives the features.
enum class TextTower { kTextTransformer, kBert };

/// A stack of residual attention blocks.
struct TransformerShape {
  std::int64_t width = 0;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t mlp_width = 0;  ///< of the MLP's hidden layer
  MlpActivation activation = MlpActivation::kQuickGelu;
  double layer_norm_eps = 1e-5;  ///< also of the norms before and behind the blocks
  bool has_layer_scale = false;  ///< a factor for each channel behind each branch: ls_1.gamma, ls_2.gamma

  bool operator==(const TransformerShape&) const = default;
};

/// Everything that the towers of a CLIP are built from, besides the weights.
struct ClipArchitecture {
  std::int64_t embed_dim = 0;
  std::int64_t image_size = 0;

  ImageTower image_tower = ImageTower::kVisionTransformer;
  // A vision transformer of either kind:
  TransformerShape vision;  ///< SigLIP's: of the pool as well
  std::int64_t patch_size = 0;
  // CLIP's alone:
  bool has_ln_pre = true;       ///< a layer norm before the first block
  bool has_patch_bias = false;  ///< of the convolution that makes patches, as in timm's
  // A ModifiedResNet:
  std::int64_t resnet_width = 0;  ///< of the stem's output; the last stage has 32 times as many
  std::array<std::int64_t, 4> resnet_layers = {};  ///< bottlenecks of each stage
  std::int64_t attnpool_num_heads = 0;
  // A ConvNet:
  std::int64_t stem_width = 0;             ///< channels of the stem's output
  std::vector<std::int64_t> group_widths;  ///< channels of each group's output
  std::int64_t convolutions = 0;           ///< of each group
  bool adds_mirror_image = false;          ///< the features are the picture's and its mirror image's

  TextTower text_tower = TextTower::kTextTransformer;
  TransformerShape text;
  bool is_text_causal = true;  ///< a token sees those before it alone
  std::int64_t context_length = 0;
  std::int64_t vocab_size = 0;  ///< rows of the token embedding
  EndTokenRule end_token_rule = EndTokenRule::kHighestId;
  std::int64_t eot_token_id = 0;  ///< what kFirstEndToken looks for
  std::int64_t pad_token_id = 0;  ///< what fills the context before kLastPosition
  // BERT's alone:
  std::int64_t num_positions = 0;    ///< rows of the position embedding, of which context_length are used
  std::int64_t num_token_types = 0;  ///< likewise; the first is used
  bool has_mlp_projection = false;   ///< two linear layers without biases, and a GELU between them
  // The others':
  bool has_text_projection = true;        ///< otherwise the last layer norm's output is the features
  bool has_text_projection_bias = false;  ///< then the projection is a linear layer, text_projection.weight

  bool operator==(const ClipArchitecture&) const = default;
};

/// Edges of a ConvNet's kernels: of its stem, and of the others.
inline constexpr std::int64_t kStemSize = 5;
inline constexpr std::int64_t kConvolutionSize = 3;

/// Pixels to one position of a ModifiedResNet's last grid.
inline constexpr std::int64_t kResnetReduction = 32;

/// Pixels to one position of the image tower's last grid; pictures are a multiple of it wide.
std::int64_t image_reduction(const ClipArchitecture& architecture);

/// Every tensor of an encoder with its shape, by open_clip's names (which are OpenAI's).
TensorShapes expected_image_shapes(const ClipArchitecture& architecture);
TensorShapes expected_text_shapes(const ClipArchitecture& architecture);
/// Those of both, and logit_scale.
TensorShapes expected_shapes(const ClipArchitecture& architecture);

/// One line for people, such as "VisionTransformer, 12 layers, width 768, 12 heads, patch 32, QuickGELU".
std::string describe_image_encoder(const ClipArchitecture& architecture);
/// One line for people, such as "text transformer, 12 layers, width 512, 8 heads, QuickGELU".
std::string describe_text_encoder(const ClipArchitecture& architecture);

}  // namespace clipcls
