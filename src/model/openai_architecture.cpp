#include "openai_architecture.h"

#include <algorithm>
#include <cmath>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::int64_t kHeadWidth = 64;
constexpr std::int64_t kExpansion = 4;         // of a bottleneck's output, and of an MLP's hidden layer
constexpr std::int64_t kMaxSize = 4096;        // of an image side and a context, as in config.json
constexpr std::int64_t kResnetReduction = 32;  // pixels to one position of the last stage's grid

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorKind::kModel, message); }

std::string to_text(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

/// The shape of a tensor that must be there and must have `rank` sizes, none of them zero.
const Shape& shape_of(const TensorShapes& shapes, const std::string& name, std::size_t rank) {
  const auto found = shapes.find(name);
  if (found == shapes.end()) fail("has no tensor " + name + ", which OpenAI's CLIP has");
  const Shape& shape = found->second;
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
  return {width, count_layers(shapes, prefix + ".resblocks."), width / kHeadWidth};
}

/// The side of the square grid behind a positional embedding: one row for each position and one more.
std::int64_t infer_grid(const TensorShapes& shapes, const std::string& name) {
  const std::int64_t rows = shape_of(shapes, name, 2)[0];
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(rows - 1))));
  if (grid < 1 || grid * grid + 1 != rows) {
    fail("tensor " + name + " has " + std::to_string(rows) + " rows, expected a square number and one");
  }
  return grid;
}

void infer_image_tower(const TensorShapes& shapes, OpenAiArchitecture& architecture) {
  const Shape& conv1 = shape_of(shapes, "visual.conv1.weight", 4);
  architecture.is_resnet = has_prefix(shapes, "visual.layer1.");
  if (!architecture.is_resnet) {
    architecture.vision = infer_transformer(shapes, "visual.transformer", conv1[0], "visual.conv1.weight");
    architecture.patch_size = conv1[3];
    architecture.image_size = conv1[3] * infer_grid(shapes, "visual.positional_embedding");
    return;
  }
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

void add_linear(TensorShapes& shapes, const std::string& name, std::int64_t out, std::int64_t in) {
  shapes[name + ".weight"] = {out, in};
  shapes[name + ".bias"] = {out};
}

void add_layer_norm(TensorShapes& shapes, const std::string& name, std::int64_t width) {
  shapes[name + ".weight"] = {width};
  shapes[name + ".bias"] = {width};
}

void add_transformer(TensorShapes& shapes, const std::string& prefix, const TransformerShape& transformer) {
  const std::int64_t width = transformer.width;
  for (std::int64_t layer = 0; layer < transformer.num_layers; ++layer) {
    const std::string block = prefix + ".resblocks." + std::to_string(layer) + ".";
    add_layer_norm(shapes, block + "ln_1", width);
    add_layer_norm(shapes, block + "ln_2", width);
    shapes[block + "attn.in_proj_weight"] = {3 * width, width};
    shapes[block + "attn.in_proj_bias"] = {3 * width};
    add_linear(shapes, block + "attn.out_proj", width, width);
    add_linear(shapes, block + "mlp.c_fc", kExpansion * width, width);
    add_linear(shapes, block + "mlp.c_proj", width, kExpansion * width);
  }
}

/// A convolution without bias, and the batch norm behind it.
void add_conv(TensorShapes& shapes, const std::string& conv, const std::string& batch_norm, Shape weight) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
    shapes[batch_norm + part] = {weight[0]};
  }
  shapes[batch_norm + ".num_batches_tracked"] = {};
  shapes[conv + ".weight"] = std::move(weight);
}

void add_vision_transformer(TensorShapes& shapes, const OpenAiArchitecture& architecture) {
  const std::int64_t width = architecture.vision.width;
  const std::int64_t patch_size = architecture.patch_size;
  const std::int64_t grid = architecture.image_size / patch_size;
  shapes["visual.conv1.weight"] = {width, 3, patch_size, patch_size};
  shapes["visual.class_embedding"] = {width};
  shapes["visual.positional_embedding"] = {grid * grid + 1, width};
  add_layer_norm(shapes, "visual.ln_pre", width);
  add_transformer(shapes, "visual.transformer", architecture.vision);
  add_layer_norm(shapes, "visual.ln_post", width);
  shapes["visual.proj"] = {width, architecture.embed_dim};
}

void add_resnet(TensorShapes& shapes, const OpenAiArchitecture& architecture) {
  const std::int64_t width = architecture.resnet_width;
  add_conv(shapes, "visual.conv1", "visual.bn1", {width / 2, 3, 3, 3});
  add_conv(shapes, "visual.conv2", "visual.bn2", {width / 2, width / 2, 3, 3});
  add_conv(shapes, "visual.conv3", "visual.bn3", {width, width / 2, 3, 3});
  std::int64_t in = width;
  std::int64_t planes = width;
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

}  // namespace

TensorShapes expected_shapes(const OpenAiArchitecture& architecture) {
  TensorShapes shapes;
  if (architecture.is_resnet) {
    add_resnet(shapes, architecture);
  } else {
    add_vision_transformer(shapes, architecture);
  }
  const std::int64_t width = architecture.text.width;
  shapes["token_embedding.weight"] = {architecture.vocab_size, width};
  shapes["positional_embedding"] = {architecture.context_length, width};
  add_transformer(shapes, "transformer", architecture.text);
  add_layer_norm(shapes, "ln_final", width);
  shapes["text_projection"] = {width, architecture.embed_dim};
  shapes["logit_scale"] = {};
  return shapes;
}

OpenAiArchitecture infer_openai_architecture(const TensorShapes& shapes) {
  OpenAiArchitecture architecture;
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

  const TensorShapes expected = expected_shapes(architecture);
  for (const auto& [name, shape] : expected) {
    const auto found = shapes.find(name);
    if (found == shapes.end()) {
      // Older torch had no such counter, and nothing reads it.
      if (name.ends_with(".num_batches_tracked")) continue;
      fail("has no tensor " + name + ", which OpenAI's CLIP has");
    }
    if (found->second != shape) {
      fail("tensor " + name + " has shape " + to_text(found->second) + ", expected " + to_text(shape));
    }
  }
  for (const auto& [name, shape] : shapes) {
    if (!expected.contains(name)) fail("has a tensor " + name + ", which no CLIP of OpenAI's has");
  }
  return architecture;
}

}  // namespace clipcls
