#include "pipeline_tokenizer.h"

#include <utility>

#include "json/json_fields.h"
#include "json/parse_json.h"
#include "refuse.h"
#include "text/byte_pair/byte_pair.h"
#include "text/unigram/unigram.h"
#include "text/utf8.h"
#include "text/word_piece/word_piece.h"
#include "tokenizer_file.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxTemplate = 8;  // special tokens on one side of a text
constexpr std::int64_t kMaxId = std::int64_t{1} << 24;

std::string_view section(const TokenizerSections& sections, TokenizerSection which) {
  return sections[static_cast<std::size_t>(which)];
}

/// The trie whose three sections begin at `labels`.
ByteTrie trie_of(const TokenizerSections& sections, TokenizerSection labels, std::size_t num_values) {
  const auto first = static_cast<std::size_t>(labels);
  return {section_items<std::uint8_t>(sections[first]), section_items<std::uint32_t>(sections[first + 1]),
          section_items<std::uint32_t>(sections[first + 2]), static_cast<std::uint32_t>(num_values)};
}

std::vector<std::int64_t> read_template(const JsonFields& fields, const std::string& name,
                                        std::int64_t vocab_size) {
  const nlohmann::json& value = fields.at(name);
  bool is_right = value.is_array() && value.size() <= kMaxTemplate;
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; is_right && i < value.size(); ++i) {
    is_right = value[i].is_number_unsigned() && value[i] < vocab_size;
    if (is_right) ids.push_back(value[i].get<std::int64_t>());
  }
  if (!is_right) fields.fail(name, "is not a list of a few ids of the vocabulary");
  return ids;
}

std::optional<std::uint32_t> read_unk_id(const JsonFields& model, std::int64_t num_pieces) {
  if (!model.has("unk_id")) return std::nullopt;
  return static_cast<std::uint32_t>(model.integer("unk_id", 0, num_pieces - 1));
}

std::unique_ptr<const PieceModel> make_model(const JsonFields& model, const TokenizerSections& sections,
                                             std::int64_t num_pieces) {
  using Section = TokenizerSection;
  const ByteTrie pieces = trie_of(sections, Section::kPieceLabels, static_cast<std::size_t>(num_pieces));
  const std::string type = model.text("type");
  if (type == "Unigram") {
    const auto scores = section_items<double>(section(sections, Section::kScores));
    if (scores.size() != static_cast<std::size_t>(num_pieces))
      refuse_tokenizer("has not a score for each piece");
    return std::make_unique<Unigram>(
        pieces, scores,
        Unigram::Settings{read_unk_id(model, num_pieces), model.boolean_or("byte_fallback", false)});
  }
  if (type == "BPE") {
    const auto first = section_items<std::uint32_t>(section(sections, Section::kMergeFirst));
    if (first.size() != static_cast<std::size_t>(num_pieces) + 1)
      refuse_tokenizer("its table of merges is damaged");
    const MergeTable merges(first, section_items<MergeEntry>(section(sections, Section::kMergeEntries)));
    return std::make_unique<BytePair>(
        pieces, merges,
        BytePair::Settings{read_unk_id(model, num_pieces), model.boolean_or("fuse_unk", false),
                           model.boolean_or("byte_fallback", false),
                           model.boolean_or("ignore_merges", false)});
  }
  if (type != "WordPiece") model.fail("type", "is not read");
  WordPiece::Settings settings;
  settings.unk_id = static_cast<std::uint32_t>(model.integer("unk_id", 0, num_pieces - 1));
  settings.continuing_prefix = model.text("continuing_subword_prefix");
  settings.max_characters = model.count("max_input_chars_per_word");
  return std::make_unique<WordPiece>(pieces, settings);
}

}  // namespace

PipelineTokenizer::PipelineTokenizer(std::string_view bytes, std::shared_ptr<const void> owner,
                                     TextCleaning cleaning)
    : owner_(std::move(owner)), bytes_(bytes), cleaning_(cleaning) {
  using Section = TokenizerSection;
  const TokenizerSections sections = read_tokenizer_file(bytes);
  const std::string place = "its settings";
  const nlohmann::json root = parse_json(section(sections, Section::kSettings), place, ErrorKind::kModel);
  const JsonFields fields(root, place, ErrorKind::kModel);
  vocab_size_ = fields.integer("vocab_size", 1, kMaxId);
  const std::int64_t num_pieces = fields.integer("num_pieces", 1, vocab_size_);
  model_ = make_model(fields.object("model"), sections, num_pieces);
  normalizer_ = TextNormalizer(fields.at("normalizer"), place, section(sections, Section::kCharsmap));
  splitter_ = WordSplitter(fields.at("pre_tokenizer"), place);
  prefix_ = read_template(fields, "prefix", vocab_size_);
  suffix_ = read_template(fields, "suffix", vocab_size_);
  added_tokens_ = section_items<AddedToken>(section(sections, Section::kAddedTokens));
  for (const AddedToken& token : added_tokens_) {
    if (token.id >= vocab_size_) refuse_tokenizer("has an added token beyond the vocabulary");
  }
  plain_tokens_ = trie_of(sections, Section::kPlainLabels, added_tokens_.size());
  normalized_tokens_ = trie_of(sections, Section::kNormalizedLabels, added_tokens_.size());
}

void PipelineTokenizer::encode_plain(std::string_view text, bool is_first,
                                     std::vector<std::int64_t>& token_ids) const {
  const bool is_cleaned_here = cleaning_ == TextCleaning::kSiglip;
  const std::string normalized =
      normalizer_.normalize(is_cleaned_here ? clean_text_as(cleaning_, text) : std::string(text));
  for (const TextPart& part : split_at_added_tokens(normalized, normalized_tokens_, added_tokens_)) {
    if (part.token_id) {
      token_ids.push_back(*part.token_id);
    } else {
      const bool is_start = is_first && part.text.data() == normalized.data();
      for (const std::string& word : splitter_.split(part.text, is_start)) model_->encode(word, token_ids);
    }
  }
}

TokenizedPrompt PipelineTokenizer::tokenize(std::string_view text, std::size_t context_length) const {
  const std::size_t num_special = prefix_.size() + suffix_.size();
  if (context_length > 0 && context_length < num_special) {
    throw Error(ErrorKind::kModel, "context_length is " + std::to_string(context_length) +
                                       "; it must be at least " + std::to_string(num_special) +
                                       ", or 0 for no limit");
  }
  // What is no UTF-8 becomes U+FFFD before all else.
  std::string valid;
  valid.reserve(text.size());
  for (const char32_t c : decode_utf8(text)) append_utf8(c, valid);
  if (cleaning_ != TextCleaning::kSiglip) valid = clean_text_as(cleaning_, valid);
  TokenizedPrompt prompt;
  prompt.token_ids = prefix_;
  for (const TextPart& part : split_at_added_tokens(valid, plain_tokens_, added_tokens_)) {
    if (part.token_id) {
      prompt.token_ids.push_back(*part.token_id);
    } else {
      encode_plain(part.text, part.text.data() == valid.data(), prompt.token_ids);
    }
  }
  // As the reference with truncation: the special tokens are kept.
  if (const std::size_t limit = context_length - suffix_.size();
      context_length > 0 && prompt.token_ids.size() > limit) {
    prompt.is_truncated = true;
    prompt.token_ids.resize(limit);
  }
  prompt.token_ids.insert(prompt.token_ids.end(), suffix_.begin(), suffix_.end());
  return prompt;
}

std::string PipelineTokenizer::identity() const {
  return std::to_string(static_cast<int>(cleaning_)) + std::string(bytes_);
}

std::int64_t PipelineTokenizer::sot_token_id() const {
  return prefix_.empty() ? eot_token_id() : prefix_.front();
}
std::int64_t PipelineTokenizer::eot_token_id() const { return suffix_.empty() ? 0 : suffix_.back(); }

}  // namespace clipcls
