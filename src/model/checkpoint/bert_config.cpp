// Text towers that are a BERT: ChineseCLIPConfig, and what open_clip says of one by its name on the hub.
#include <algorithm>
#include <array>
#include <string_view>

#include "checkpoint_config_readers.h"

namespace clipcls {
namespace {

// BertConfig's defaults, which are those of every BERT of the size "base".
constexpr TransformerShape kBertBase = {768, 12, 12, 3072, MlpActivation::kGelu, 1e-12};
constexpr std::int64_t kVocabulary = 30522;
constexpr std::int64_t kPositions = 512;
constexpr std::int64_t kTokenTypes = 2;

// open_clip's file names the BERT and no size of it.
constexpr std::array<std::string_view, 5> kKnownBerts = {
    "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
    "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract",
    "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
    "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract-fulltext", "bert-base-uncased"};

void set_bert(const TransformerShape& shape, ClipArchitecture& architecture) {
  architecture.text_tower = TextTower::kBert;
  architecture.text = shape;
  architecture.is_text_causal = false;
  architecture.num_positions = kPositions;
  architecture.num_token_types = kTokenTypes;
  architecture.vocab_size = kVocabulary;
}

void require_bert_word(const JsonFields& fields, const std::string& name, const std::string& word,
                       const std::string& expected) {
  if (word != expected) fields.fail(name, "is \"" + word + "\", not \"" + expected + "\"" + kNotImported);
}

}  // namespace

CheckpointConfig read_chinese_clip_config(const JsonFields& root) {
  CheckpointConfig config;
  config.format = CheckpointFormat::kTransformers;
  // A photo of {}.
  config.text = TextRules{.template_text = "{}\347\232\204\347\205\247\347\211\207"};
  ClipArchitecture& architecture = config.architecture;
  architecture.embed_dim = root.integer_or("projection_dim", 512, 1, kMaxWidth);
  const JsonFields vision = root.object("vision_config");
  architecture.vision = read_transformers_tower(vision, {768, 12, 12, 3072});
  architecture.image_size = read_side(vision, "image_size", 224);
  architecture.patch_size = read_side(vision, "patch_size", 32);
  if (vision.integer_or("num_channels", 3, 1, 1000) != 3)
    vision.fail("num_channels", "is not 3" + std::string(kNotImported));
  const JsonFields text = root.object("text_config");
  set_bert(read_transformers_tower(text, kBertBase), architecture);
  if (architecture.text.activation == MlpActivation::kQuickGelu)
    text.fail("hidden_act", "is \"quick_gelu\"" + std::string(kNotImported));
  architecture.vocab_size = text.integer_or("vocab_size", kVocabulary, 1, kMaxVocabulary);
  architecture.num_positions = text.integer_or("max_position_embeddings", kPositions, 2, kMaxContext);
  architecture.num_token_types = text.integer_or("type_vocab_size", kTokenTypes, 1, 16);
  architecture.context_length = architecture.num_positions;
  return config;
}

TextRules read_bert_text(const JsonFields& fields, ClipArchitecture& architecture) {
  const std::string name = fields.text("hf_model_name");
  if (std::ranges::find(kKnownBerts, name) == kKnownBerts.end())
    fields.fail("hf_model_name", "is \"" + name + "\"" + kNotImported);
  set_bert(kBertBase, architecture);
  require_bert_word(fields, "hf_pooler_type", fields.optional_text("hf_pooler_type"),
                    "cls_last_hidden_state_pooler");
  // open_clip's default is an MLP.
  require_bert_word(fields, "hf_proj_type", fields.has("hf_proj_type") ? fields.text("hf_proj_type") : "mlp",
                    "mlp");
  architecture.has_mlp_projection = true;
  architecture.context_length = fields.integer_or("context_length", 77, 2, kPositions);
  return {.cleaning = read_tokenizer_cleaning(fields)};
}

}  // namespace clipcls
