#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace clipcls {

using Shape = std::vector<std::int64_t>;
using TensorShapes = std::map<std::string, Shape>;  ///< by the tensor's name in the state dict

/// A stack of residual attention blocks; each head is 64 wide.
struct TransformerShape {
  std::int64_t width = 0;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;

  bool operator==(const TransformerShape&) const = default;
};

/// What OpenAI's build_model reads from the shapes of a state dict.
struct OpenAiArchitecture {
  std::int64_t embed_dim = 0;
  std::int64_t image_size = 0;

  bool is_resnet = false;
  // A vision transformer:
  TransformerShape vision;
  std::int64_t patch_size = 0;
  // A ModifiedResNet:
  std::int64_t resnet_width = 0;  ///< of the stem's output; the last stage has 32 times as many
  std::array<std::int64_t, 4> resnet_layers = {};  ///< bottlenecks of each stage
  std::int64_t attnpool_num_heads = 0;

  TransformerShape text;
  std::int64_t context_length = 0;
  std::int64_t vocab_size = 0;

  bool operator==(const OpenAiArchitecture&) const = default;
};

/// The architecture whose state dict has these shapes. Every tensor is checked, as load_state_dict(strict)
/// would: throws Error (kModel) that names a tensor which is missing, is of another shape than the others ask
/// for, or belongs to no CLIP of OpenAI's.
OpenAiArchitecture infer_openai_architecture(const TensorShapes& shapes);

/// Every tensor that a model of this architecture has, with its shape.
TensorShapes expected_shapes(const OpenAiArchitecture& architecture);

}  // namespace clipcls
