#include "model/checkpoint/openai_architecture.h"

#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

#include "support/expect_error.h"

namespace clipcls {
namespace {

TransformerShape transformer(std::int64_t width, std::int64_t num_layers, std::int64_t num_heads) {
  return {width, num_layers, num_heads, 4 * width};
}

ClipArchitecture vision_transformer(std::int64_t embed_dim, std::int64_t image_size, TransformerShape vision,
                                    std::int64_t patch_size, TransformerShape text) {
  ClipArchitecture architecture;
  architecture.embed_dim = embed_dim;
  architecture.image_size = image_size;
  architecture.vision = vision;
  architecture.patch_size = patch_size;
  architecture.text = text;
  architecture.context_length = 77;
  architecture.vocab_size = 49408;
  return architecture;
}

ClipArchitecture resnet(std::int64_t embed_dim, std::int64_t image_size, std::int64_t width,
                        std::array<std::int64_t, 4> layers, std::int64_t num_heads, TransformerShape text) {
  ClipArchitecture architecture = vision_transformer(embed_dim, image_size, {}, 0, text);
  architecture.image_tower = ImageTower::kModifiedResnet;
  architecture.resnet_width = width;
  architecture.resnet_layers = layers;
  architecture.attnpool_num_heads = num_heads;
  return architecture;
}

/// A published model, and what scripts/golden/make_openai_golden.py prints for it: open_clip's own state
/// dict.
struct PublishedModel {
  const char* name;
  ClipArchitecture architecture;
  std::size_t num_tensors;
  const char* checksum;
};

std::vector<PublishedModel> published_models() {
  return {
      {"RN50", resnet(1024, 224, 64, {3, 4, 6, 3}, 32, transformer(512, 12, 8)), 489, "55a83e8c266f9630"},
      {"RN101", resnet(512, 224, 64, {3, 4, 23, 3}, 32, transformer(512, 12, 8)), 795, "d9b30b9754c94518"},
      {"RN50x4", resnet(640, 288, 80, {4, 6, 10, 6}, 40, transformer(640, 12, 10)), 669, "f2775c0f4b11e259"},
      {"RN50x16", resnet(768, 384, 96, {6, 8, 18, 8}, 48, transformer(768, 12, 12)), 921, "67e5c46fcd67b819"},
      {"RN50x64", resnet(1024, 448, 128, {3, 15, 36, 10}, 64, transformer(1024, 12, 16)), 1353,
       "37ac25b992b7c72d"},
      {"ViT-B-32", vision_transformer(512, 224, transformer(768, 12, 12), 32, transformer(512, 12, 8)), 302,
       "ba33aaff56dbae9f"},
      {"ViT-B-16", vision_transformer(512, 224, transformer(768, 12, 12), 16, transformer(512, 12, 8)), 302,
       "e3e4e19afe1dc9e3"},
      {"ViT-L-14", vision_transformer(768, 224, transformer(1024, 24, 16), 14, transformer(768, 12, 12)), 446,
       "f95e104dc479d281"},
      {"ViT-L-14-336", vision_transformer(768, 336, transformer(1024, 24, 16), 14, transformer(768, 12, 12)),
       446, "9a66be819d983238"},
  };
}

/// 64-bit FNV-1a over a line for each tensor, its name and its sizes.
std::string checksum(const TensorShapes& shapes) {
  std::ostringstream lines;
  for (const auto& [name, shape] : shapes) {
    lines << name;
    for (const std::int64_t size : shape) lines << ' ' << size;
    lines << '\n';
  }
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char byte : lines.str()) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  std::ostringstream text;
  text << std::hex << std::setw(16) << std::setfill('0') << value;
  return text.str();
}

TEST(OpenAiArchitecture, HasTheTensorsOfThePublishedModels) {
  for (const PublishedModel& model : published_models()) {
    const TensorShapes shapes = expected_shapes(model.architecture);
    EXPECT_EQ(shapes.size(), model.num_tensors) << model.name;
    EXPECT_EQ(checksum(shapes), model.checksum) << model.name;
  }
}

TEST(OpenAiArchitecture, IsInferredForThePublishedModels) {
  for (const PublishedModel& model : published_models()) {
    EXPECT_EQ(infer_openai_architecture(expected_shapes(model.architecture)), model.architecture)
        << model.name;
  }
}

TEST(OpenAiArchitecture, DoesNotAskForTheCountersOfBatchNorms) {
  const ClipArchitecture architecture = published_models().front().architecture;
  TensorShapes shapes = expected_shapes(architecture);
  std::erase_if(shapes, [](const auto& tensor) { return tensor.first.ends_with(".num_batches_tracked"); });
  EXPECT_EQ(infer_openai_architecture(shapes), architecture);
}

TEST(OpenAiArchitecture, NamesEachTensorThatIsMissing) {
  for (const std::size_t index : {0U, 5U}) {  // RN50 and ViT-B/32
    const TensorShapes shapes = expected_shapes(published_models()[index].architecture);
    for (const auto& [name, shape] : shapes) {
      if (name.ends_with(".num_batches_tracked")) continue;
      TensorShapes fewer = shapes;
      fewer.erase(name);
      expect_error(ErrorKind::kModel, "has no tensor " + name + ",",
                   [&] { infer_openai_architecture(fewer); });
    }
  }
}

TEST(OpenAiArchitecture, RefusesAChangeOfAnyShape) {
  for (const std::size_t index : {0U, 5U}) {
    const TensorShapes shapes = expected_shapes(published_models()[index].architecture);
    for (const auto& [name, shape] : shapes) {
      TensorShapes changed = shapes;
      changed[name].push_back(7);
      EXPECT_THROW(infer_openai_architecture(changed), Error) << name;
      if (shape.empty()) continue;
      changed[name] = shape;
      changed[name][0] = 0;
      EXPECT_THROW(infer_openai_architecture(changed), Error) << name;
    }
  }
}

TEST(OpenAiArchitecture, RefusesWhatIsNoClip) {
  expect_error(ErrorKind::kModel, "has no tensor visual.conv1.weight", [] { infer_openai_architecture({}); });
  expect_error(ErrorKind::kModel, "has no tensor of visual.transformer.resblocks.0", [] {
    infer_openai_architecture({{"visual.conv1.weight", {64, 3, 8, 8}}});
  });
}

TEST(OpenAiArchitecture, RefusesATensorThatItWouldNotUse) {
  TensorShapes shapes = expected_shapes(published_models()[5].architecture);
  shapes["visual.transformer.resblocks.0.ls_1.gamma"] = {768};
  expect_error(ErrorKind::kModel, "has a tensor visual.transformer.resblocks.0.ls_1.gamma",
               [&] { infer_openai_architecture(shapes); });
}

TEST(OpenAiArchitecture, RefusesSizesThatNoPictureHas) {
  ClipArchitecture architecture = published_models()[5].architecture;
  architecture.image_size = 32000;
  expect_error(ErrorKind::kModel, "pictures 32000 pixels",
               [&] { infer_openai_architecture(expected_shapes(architecture)); });
}

}  // namespace
}  // namespace clipcls
