#include "text/tokenizer.h"

#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "byte_pair_encoder.h"
#include "clean_text.h"
#include "clip_merges.h"
#include "clipcls/error.h"
#include "merges.h"
#include "pipeline/pipeline_tokenizer.h"
#include "pre_tokenize.h"
#include "utf8.h"

namespace clipcls {
namespace {

constexpr std::size_t kMinContextLength = 2;  // the start and the end token

void check_context_length(std::size_t context_length) {
  if (context_length == 0 || context_length >= kMinContextLength) return;
  throw Error(ErrorKind::kModel, "context_length is " + std::to_string(context_length) +
                                     "; it must be at least 2, or 0 for no limit");
}

class ClipTokenizer final : public TokenEncoder {
 public:
  explicit ClipTokenizer(std::string_view merges_text) : ClipTokenizer(parse_merges(merges_text)) {}

  TokenizedPrompt tokenize(std::string_view text, std::size_t context_length) const override;
  std::int64_t vocab_size() const override { return vocab_size_; }
  std::int64_t sot_token_id() const override { return vocab_size_ - 2; }
  std::int64_t eot_token_id() const override { return vocab_size_ - 1; }
  std::string identity() const override { return identity_; }

 private:
  explicit ClipTokenizer(const std::vector<Merge>& merges)
      : encoder_(merges),
        vocab_size_(static_cast<std::int64_t>(kNumByteSymbols + merges.size() + 2)),
        identity_(reinterpret_cast<const char*>(merges.data()), merges.size() * sizeof(Merge)) {}

  BytePairEncoder encoder_;
  std::int64_t vocab_size_;
  std::string identity_;  ///< the merges: with the same ones texts have the same ids
};

TokenizedPrompt ClipTokenizer::tokenize(std::string_view text, std::size_t context_length) const {
  check_context_length(context_length);
  const std::size_t limit = context_length == 0 ? std::numeric_limits<std::size_t>::max() : context_length;
  // The reference's steps: repair and clean, split into words, merge bytes within each word.
  const std::u32string cleaned = clean_text(decode_utf8(text));

  TokenizedPrompt prompt;
  std::vector<std::int64_t>& token_ids = prompt.token_ids;
  token_ids.push_back(sot_token_id());
  BytePairEncoder::Scratch scratch;
  std::string word;
  for (const std::u32string_view piece : pre_tokenize(cleaned)) {
    // What follows would be cut off anyway, and is not encoded.
    if (token_ids.size() >= limit) break;
    // The reference's tokenizer knows these two as words of a user's text, too.
    if (piece == kStartOfText || piece == kEndOfText) {
      token_ids.push_back(piece == kStartOfText ? sot_token_id() : eot_token_id());
      continue;
    }
    word.clear();
    for (const char32_t c : piece) append_utf8(c, word);
    encoder_.encode(word, scratch, token_ids);
  }
  prompt.is_truncated = token_ids.size() >= limit;
  // As in the reference with truncate=True: the last id is the end token, whatever was cut.
  if (prompt.is_truncated) token_ids.resize(limit - 1);
  token_ids.push_back(eot_token_id());
  return prompt;
}

}  // namespace

Tokenizer::Tokenizer() : Tokenizer(clip_merges_text()) {}

Tokenizer::Tokenizer(std::string_view merges_text)
    : encoder_(std::make_unique<const ClipTokenizer>(merges_text)) {}

Tokenizer::Tokenizer(std::unique_ptr<const TokenEncoder> encoder) : encoder_(std::move(encoder)) {}

Tokenizer Tokenizer::of_bytes(std::string_view bytes, std::shared_ptr<const void> owner,
                              TextCleaning cleaning) {
  return Tokenizer(std::make_unique<const PipelineTokenizer>(bytes, std::move(owner), cleaning));
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&& other) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&& other) noexcept = default;

TokenizedPrompt Tokenizer::tokenize(std::string_view text, std::size_t context_length) const {
  return encoder_->tokenize(text, context_length);
}

bool Tokenizer::operator==(const Tokenizer& other) const {
  return encoder_->identity() == other.encoder_->identity();
}

std::int64_t Tokenizer::vocab_size() const { return encoder_->vocab_size(); }
std::int64_t Tokenizer::sot_token_id() const { return encoder_->sot_token_id(); }
std::int64_t Tokenizer::eot_token_id() const { return encoder_->eot_token_id(); }

}  // namespace clipcls
