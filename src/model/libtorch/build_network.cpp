#include "build_network.h"

#include <utility>

#include "bert_text_encoder.h"
#include "conv_net.h"
#include "modified_resnet.h"
#include "siglip_vision_transformer.h"
#include "text_transformer.h"
#include "vision_transformer.h"

namespace clipcls {

std::unique_ptr<EncoderNetwork> build_image_network(const ClipArchitecture& architecture, StateDict weights,
                                                    const Placement& placement) {
  const c10::InferenceMode inference;
  switch (architecture.image_tower) {
    case ImageTower::kModifiedResnet:
      return std::make_unique<ModifiedResNet>(architecture, weights, placement);
    case ImageTower::kConvNet:
      return std::make_unique<ConvNet>(architecture, weights, placement);
    case ImageTower::kSiglipVisionTransformer:
      return std::make_unique<SiglipVisionTransformer>(architecture, weights, placement);
    case ImageTower::kVisionTransformer:
      break;
  }
  return std::make_unique<VisionTransformer>(architecture, weights, placement);
}

std::unique_ptr<EncoderNetwork> build_text_network(const ClipArchitecture& architecture, StateDict weights,
                                                   const Placement& placement) {
  const c10::InferenceMode inference;
  if (architecture.text_tower == TextTower::kBert)
    return std::make_unique<BertTextEncoder>(architecture, weights, placement);
  return std::make_unique<TextTransformer>(architecture, weights, placement);
}

}  // namespace clipcls
