#pragma once

#include <memory>
#include <vector>

#include "added_tokens.h"
#include "byte_trie.h"
#include "normalizer.h"
#include "piece_model.h"
#include "pre_tokenizer.h"
#include "text/text_cleaning.h"
#include "text/token_encoder.h"

namespace clipcls {

/// What Hugging Face's tokenizers do with a text, one step after the other: added tokens are found, the rest
/// is normalised and split into words, a model makes ids of each, a template puts special tokens around all.
class PipelineTokenizer final : public TokenEncoder {
 public:
  /// `bytes`: those of a tokenizer.bin, see Note [tokenizer.bin]; `owner` keeps them where they are.
  /// `cleaning` comes before all else; kSiglip, which is a part of transformers' tokenizer, behind the added
  /// tokens that are looked for in the text as it is. Throws Error (kModel), without a file's name, where
  /// they are damaged.
  PipelineTokenizer(std::string_view bytes, std::shared_ptr<const void> owner, TextCleaning cleaning);

  TokenizedPrompt tokenize(std::string_view text, std::size_t context_length) const override;
  std::int64_t vocab_size() const override { return vocab_size_; }
  std::int64_t sot_token_id() const override;
  std::int64_t eot_token_id() const override;
  std::string identity() const override;

 private:
  void encode_plain(std::string_view text, bool is_first, std::vector<std::int64_t>& token_ids) const;

  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
  TextCleaning cleaning_;
  std::int64_t vocab_size_ = 0;
  std::span<const AddedToken> added_tokens_;
  ByteTrie plain_tokens_;
  ByteTrie normalized_tokens_;
  TextNormalizer normalizer_;
  WordSplitter splitter_;
  std::unique_ptr<const PieceModel> model_;
  std::vector<std::int64_t> prefix_;
  std::vector<std::int64_t> suffix_;
};

}  // namespace clipcls
