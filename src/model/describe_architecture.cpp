#include "describe_architecture.h"

namespace clipcls {
namespace {

std::string describe(const TransformerShape& transformer) {
  return "transformer, " + std::to_string(transformer.num_layers) + " layers, " +
         std::to_string(transformer.width) + " wide, " + std::to_string(transformer.num_heads) + " heads";
}

}  // namespace

std::string describe_image_encoder(const OpenAiArchitecture& architecture) {
  if (!architecture.is_resnet) {
    return "vision " + describe(architecture.vision) + ", patches of " +
           std::to_string(architecture.patch_size) + " pixels";
  }
  std::string stages;
  for (const std::int64_t layers : architecture.resnet_layers) {
    stages += (stages.empty() ? "" : ", ") + std::to_string(layers);
  }
  return "modified ResNet, bottlenecks " + stages + ", " + std::to_string(architecture.resnet_width) +
         " wide, attention pool of " + std::to_string(architecture.attnpool_num_heads) + " heads";
}

std::string describe_text_encoder(const OpenAiArchitecture& architecture) {
  return describe(architecture.text);
}

}  // namespace clipcls
