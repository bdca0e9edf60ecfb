#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// The token ids of one prompt, start and end token included, without padding.
struct TokenizedPrompt {
  std::vector<std::int64_t> token_ids;
  bool is_truncated = false;  ///< the prompt was longer than context_length and lost its tail
};

/// One family of tokenizers, behind Tokenizer. Thread-safe: all member functions are const.
class TokenEncoder {
 public:
  TokenEncoder() = default;
  virtual ~TokenEncoder() = default;
  TokenEncoder(const TokenEncoder&) = delete;
  TokenEncoder& operator=(const TokenEncoder&) = delete;
  TokenEncoder(TokenEncoder&&) = delete;
  TokenEncoder& operator=(TokenEncoder&&) = delete;

  /// See Tokenizer::tokenize().
  virtual TokenizedPrompt tokenize(std::string_view text, std::size_t context_length) const = 0;

  virtual std::int64_t vocab_size() const = 0;
  virtual std::int64_t sot_token_id() const = 0;
  virtual std::int64_t eot_token_id() const = 0;

  /// Two that have the same one give every text the same ids.
  virtual std::string identity() const = 0;
};

}  // namespace clipcls
