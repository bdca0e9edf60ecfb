#include "convolution_check.h"

#include <torch/csrc/jit/passes/inliner.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "clipcls/error.h"
#include "library_arithmetic.h"

namespace clipcls {
namespace {

using torch::Tensor;

int count_convolutions(torch::jit::Block* block) {
  int count = 0;
  for (torch::jit::Node* node : block->nodes()) {
    const std::string_view name = node->kind().toUnqualString();
    count += node->kind().is_aten() && name.find("conv") != std::string_view::npos ? 1 : 0;
    for (torch::jit::Block* inner : node->blocks()) count += count_convolutions(inner);
  }
  return count;
}

/// Those of forward and of what it calls.
int count_convolutions(const torch::jit::Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return count_convolutions(graph->block());
}

// Cosines with the features of float32 are at least 0.999 in bf16 and 0.99 in int8. Other pictures come out
// worse, and the integers need a part of their own: a quarter of that for these. The embedded model takes
// less than a fifth of the quarter.
constexpr double kMaxErrorOfBfloat16 = 0.001 / 4;
constexpr double kMaxErrorOfInt8 = 0.01 / 4;

/// Black, white, black above white, and red above green above blue: the errors are largest on flat areas.
/// [4, 3, image_size, image_size]
Tensor make_pictures(const PreprocessConfig& config) {
  const auto per_channel = [](std::array<float, 3> values) {
    return torch::tensor({values[0], values[1], values[2]}).view({1, 3, 1, 1});
  };
  const std::int64_t side = config.image_size;
  Tensor pictures = torch::zeros({4, 3, side, side});
  pictures[1].fill_(1);
  pictures[2].narrow(1, side / 2, side - side / 2).fill_(1);
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    const std::int64_t top = channel * side / 3;
    pictures[3][channel].narrow(0, top, (channel + 1) * side / 3 - top).fill_(1);
  }
  return (pictures - per_channel(config.image_mean)) / per_channel(config.image_std);
}

/// The smallest cosine of their features; 0 where one of the two cannot compute them.
double smallest_cosine(Encoder& encoder, Encoder& exact_encoder, const Tensor& pictures) {
  const auto features = [&](Encoder& used) {
    const Matrix matrix = used.encode(pictures);
    return torch::tensor(matrix.values, torch::kDouble).view({pictures.size(0), -1});
  };
  try {
    return torch::cosine_similarity(features(encoder), features(exact_encoder)).min().item<double>();
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

Encoder load_exact_enough(const LoadEncoder& load, torch::Device device, Precision precision,
                          const Computation& computation, const PreprocessConfig& image) {
  Encoder encoder = load(device, activation_type(computation));
  if (encoder.type() != torch::kBFloat16 || count_convolutions(encoder.module()) <= 1) return encoder;
  const double max_error = precision == Precision::kInt8 ? kMaxErrorOfInt8 : kMaxErrorOfBfloat16;
  Encoder exact_encoder = load(device, torch::kFloat);
  const torch::InferenceMode inference;
  const double cosine = smallest_cosine(encoder, exact_encoder, make_pictures(image));
  if (cosine >= 1 - max_error) return encoder;
  std::array<char, 128> note{};
  std::snprintf(note.data(), note.size(),
                "fp32 instead of bf16, which costs its convolutions too much (cosine %.4f on a test picture)",
                cosine);
  exact_encoder.set_note(note.data());
  return exact_encoder;
}

}  // namespace clipcls
