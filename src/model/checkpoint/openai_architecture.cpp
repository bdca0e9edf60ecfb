// OpenAI's .pt files have no configuration: the architecture is read from the shapes of the weights, as
// build_model() of its code does it.
#include "openai_architecture.h"

#include <algorithm>
#include <cmath>

#include "clipcls/error.h"
#include "model_error.h"

namespace clipcls {
namespace {

// OpenAI's build_model() derives all sizes from the shapes of the weights, with these two constants. Nothing
// else in a .pt file says them.
constexpr std::int64_t kHeadWidth = 64;
constexpr std::int64_t kMlpRatio = 4;
constexpr std::int64_t kMaxSize = 4096;  // of an image side and a context, as in config.json

/// The shape of a tensor that must be there and must have `rank` sizes, none of them zero.
const TensorShape& shape_of(const TensorShapes& shapes, const std::string& name, std::size_t rank) {
  const auto found = shapes.find(name);
  if (found == shapes.end()) fail("has no tensor " + name + ", which OpenAI's CLIP has");
  const TensorShape& shape = found->second;
  if (shape.size() != rank || std::count(shape.begin(), shape.end(), 0) != 0) {
    fail("tensor " + name + " has shape " + to_text(shape) + ", expected " + std::to_string(rank) +
         " sizes above zero");
  }
  return shape;
}

bool has_prefix(const TensorShapes& shapes, const std::string& prefix) {
  const auto found = shapes.lower_bound(prefix);
  return found != shapes.end() && found->first.starts_with(prefix);
}

/// How many of prefix0., prefix1., … there are without a gap.
std::int64_t count_layers(const TensorShapes& shapes, const std::string& prefix) {
  std::int64_t count = 0;
  while (has_prefix(shapes, prefix + std::to_string(count) + ".")) ++count;
  if (count == 0) fail("has no tensor of " + prefix + "0, which OpenAI's CLIP has");
  return count;
}

TransformerShape infer_transformer(const TensorShapes& shapes, const std::string& prefix, std::int64_t width,
                                   const std::string& width_of) {
  if (width % kHeadWidth != 0) {
    fail("tensor " + width_of + " makes the transformer " + std::to_string(width) +
         " wide, expected a multiple of " + std::to_string(kHeadWidth));
  }
  TransformerShape transformer;
  transformer.width = width;
  transformer.num_layers = count_layers(shapes, prefix + ".resblocks.");
  transformer.num_heads = width / kHeadWidth;
  transformer.mlp_width = kMlpRatio * width;
  return transformer;
}

/// The side of the square grid behind a positional embedding: one row for each position and one more.
std::int64_t infer_grid(const TensorShapes& shapes, const std::string& name) {
  const std::int64_t rows = shape_of(shapes, name, 2)[0];
  // Rounded and then checked: the square root of a large number need not be exact.
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(rows - 1))));
  if (grid < 1 || grid * grid + 1 != rows) {
    fail("tensor " + name + " has " + std::to_string(rows) + " rows, expected a square number and one");
  }
  return grid;
}

void infer_image_tower(const TensorShapes& shapes, ClipArchitecture& architecture) {
  const std::string patches = "visual.conv1.weight";
  const TensorShape& conv1 = shape_of(shapes, patches, 4);
  // A ResNet has stages; a vision transformer has blocks.
  if (!has_prefix(shapes, "visual.layer1.")) {
    architecture.vision = infer_transformer(shapes, "visual.transformer", conv1[0], patches);
    architecture.patch_size = conv1[3];
    architecture.image_size = conv1[3] * infer_grid(shapes, "visual.positional_embedding");
    return;
  }
  architecture.image_tower = ImageTower::kModifiedResnet;
  architecture.resnet_width = shape_of(shapes, "visual.layer1.0.conv1.weight", 4)[0];
  if (architecture.resnet_width % 2 != 0) {
    fail("tensor visual.layer1.0.conv1.weight has " + std::to_string(architecture.resnet_width) +
         " rows, expected an even number");
  }
  for (std::size_t stage = 0; stage < architecture.resnet_layers.size(); ++stage) {
    architecture.resnet_layers[stage] =
        count_layers(shapes, "visual.layer" + std::to_string(stage + 1) + ".");
  }
  architecture.attnpool_num_heads = architecture.resnet_width * kResnetReduction / kHeadWidth;
  architecture.image_size = kResnetReduction * infer_grid(shapes, "visual.attnpool.positional_embedding");
}

}  // namespace

ClipArchitecture infer_openai_architecture(const TensorShapes& shapes) {
  ClipArchitecture architecture;
  infer_image_tower(shapes, architecture);
  architecture.embed_dim = shape_of(shapes, "text_projection", 2)[1];
  architecture.context_length = shape_of(shapes, "positional_embedding", 2)[0];
  architecture.vocab_size = shape_of(shapes, "token_embedding.weight", 2)[0];
  architecture.text =
      infer_transformer(shapes, "transformer", shape_of(shapes, "ln_final.weight", 1)[0], "ln_final.weight");

  if (architecture.image_size > kMaxSize || architecture.context_length > kMaxSize) {
    fail("its shapes make pictures " + std::to_string(architecture.image_size) + " pixels and contexts " +
         std::to_string(architecture.context_length) + " tokens long, expected at most " +
         std::to_string(kMaxSize));
  }

  // What was inferred from a few shapes has to explain all the others.
  check_shapes(shapes, expected_shapes(architecture), "which OpenAI's CLIP has",
               "which no CLIP of OpenAI's has");
  return architecture;
}

}  // namespace clipcls
