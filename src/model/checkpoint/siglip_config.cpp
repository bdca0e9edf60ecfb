// SigLIP as transformers and open_clip describe it: SiglipConfig, and timm's name of an image tower.
#include <array>

#include "checkpoint_config_readers.h"

namespace clipcls {
namespace {

// Defaults of SiglipVisionConfig and SiglipTextConfig. Files say only what differs.
constexpr TransformerShape kSiglipTower = {768, 12, 12, 3072, MlpActivation::kGeluTanh, 1e-6};

/// A tower that is the default in all has no field.
JsonFields siglip_tower_fields(const JsonFields& root, const std::string& name) {
  static const nlohmann::json no_fields = nlohmann::json::object();
  if (root.has(name)) return root.object(name);
  return {no_fields, root.place(), ErrorKind::kModel, name + "."};
}

struct TimmTower {
  const char* name;
  TransformerShape shape;
  std::int64_t patch_size;
};

/// The activation differs where the trainings did not: timm's definitions say so, and the features of its
/// weights are those that its definitions give.
constexpr TransformerShape base(MlpActivation activation) { return {768, 12, 12, 3072, activation, 1e-6}; }
constexpr TransformerShape large(MlpActivation activation) { return {1024, 24, 16, 4096, activation, 1e-6}; }
constexpr TransformerShape so400m(MlpActivation activation) { return {1152, 27, 16, 4304, activation, 1e-6}; }
constexpr TransformerShape giantopt(MlpActivation activation) {
  return {1536, 40, 16, 6144, activation, 1e-6};
}

// timm's names, of SigLIP's towers and of plain vision transformers.
constexpr auto kErf = MlpActivation::kGelu;
constexpr auto kTanh = MlpActivation::kGeluTanh;
constexpr std::array<TimmTower, 16> kTimmTowers = {{
    {"vit_base_patch32_siglip_256", base(kTanh), 32},
    {"vit_base_patch16_siglip_224", base(kErf), 16},
    {"vit_base_patch16_siglip_256", base(kErf), 16},
    {"vit_base_patch16_siglip_384", base(kErf), 16},
    {"vit_base_patch16_siglip_512", base(kErf), 16},
    {"vit_large_patch16_siglip_256", large(kErf), 16},
    {"vit_large_patch16_siglip_384", large(kErf), 16},
    {"vit_large_patch16_siglip_512", large(kTanh), 16},
    {"vit_so400m_patch14_siglip_224", so400m(kErf), 14},
    {"vit_so400m_patch14_siglip_378", so400m(kErf), 14},
    {"vit_so400m_patch14_siglip_384", so400m(kErf), 14},
    {"vit_so400m_patch16_siglip_256", so400m(kTanh), 16},
    {"vit_so400m_patch16_siglip_384", so400m(kTanh), 16},
    {"vit_so400m_patch16_siglip_512", so400m(kTanh), 16},
    {"vit_giantopt_patch16_siglip_256", giantopt(kTanh), 16},
    {"vit_giantopt_patch16_siglip_384", giantopt(kTanh), 16},
}};

// Vision transformers with a class token.
constexpr std::array<TimmTower, 3> kTimmVits = {{
    {"vit_base_patch16_224", base(kErf), 16},
    {"vit_base_patch32_224", base(kErf), 32},
    {"vit_large_patch16_224", large(kErf), 16},
}};

void require_timm(const JsonFields& vision, const std::string& name, const std::string& expected) {
  const std::string word = vision.has(name) ? vision.text(name) : "";
  if (word != expected) vision.fail(name, "is \"" + word + "\", not \"" + expected + "\"" + kNotImported);
}

}  // namespace

CheckpointConfig read_siglip_config(const JsonFields& root) {
  CheckpointConfig config;
  config.format = CheckpointFormat::kTransformers;
  config.text = TextRules{TextCleaning::kNone, /*is_siglip=*/true};
  config.has_logit_bias = true;
  ClipArchitecture& architecture = config.architecture;
  const JsonFields vision = siglip_tower_fields(root, "vision_config");
  architecture.image_tower = ImageTower::kSiglipVisionTransformer;
  architecture.vision = read_transformers_tower(vision, kSiglipTower);
  architecture.embed_dim = architecture.vision.width;  // nothing is projected
  architecture.image_size = read_side(vision, "image_size", 224);
  architecture.patch_size = read_side(vision, "patch_size", 16);
  if (vision.integer_or("num_channels", 3, 1, 1000) != 3)
    vision.fail("num_channels", "is not 3" + std::string(kNotImported));
  if (!vision.boolean_or("vision_use_head", true))
    vision.fail("vision_use_head", "is false" + std::string(kNotImported));

  const JsonFields text = siglip_tower_fields(root, "text_config");
  architecture.text = read_transformers_tower(text, kSiglipTower);
  architecture.is_text_causal = false;
  architecture.end_token_rule = EndTokenRule::kLastPosition;
  architecture.has_text_projection_bias = true;
  architecture.context_length = text.integer_or("max_position_embeddings", 64, 2, kMaxContext);
  architecture.vocab_size = text.integer_or("vocab_size", 32000, 1, kMaxVocabulary);
  const std::int64_t projection = text.integer_or("projection_size", architecture.text.width, 1, kMaxWidth);
  if (projection != architecture.embed_dim) {
    text.fail("projection_size", "is " + std::to_string(projection) + ", and the image tower is " +
                                     std::to_string(architecture.embed_dim) + " wide");
  }
  return config;
}

void read_timm_tower(const JsonFields& vision, ClipArchitecture& architecture) {
  const std::string name = vision.text("timm_model_name");
  for (const TimmTower& tower : kTimmTowers) {
    if (name != tower.name) continue;
    require_timm(vision, "timm_pool", "map");
    require_timm(vision, "timm_proj", "none");
    architecture.image_tower = ImageTower::kSiglipVisionTransformer;
    architecture.vision = tower.shape;
    architecture.patch_size = tower.patch_size;
    return;
  }
  for (const TimmTower& tower : kTimmVits) {
    if (name != tower.name) continue;
    require_timm(vision, "timm_pool", "");
    require_timm(vision, "timm_proj", "linear");
    if (vision.boolean_or("timm_proj_bias", false))
      vision.fail("timm_proj_bias", "is true" + std::string(kNotImported));
    architecture.vision = tower.shape;
    architecture.patch_size = tower.patch_size;
    architecture.has_ln_pre = false;
    architecture.has_patch_bias = true;
    return;
  }
  vision.fail("timm_model_name", "is \"" + name + "\"" + kNotImported);
}

}  // namespace clipcls
