#pragma once

#include <algorithm>

#include "fuzzer.h"
#include "slow_byte_pair_encoding.h"
#include "text/clean_text.h"
#include "text/pre_tokenize.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

namespace clipcls {

/// Requires that `tokenizer` gives `text` the ids that the slow encoding gives its words, also when cut.
inline void compare_tokenizers(const Tokenizer& tokenizer, const SlowBytePairEncoding& slow,
                               std::string_view text) {
  const std::u32string cleaned = clean_text(decode_utf8(text));
  std::vector<std::int64_t> expected = {tokenizer.sot_token_id()};
  for (const std::u32string_view piece : pre_tokenize(cleaned)) {
    if (piece == kStartOfText || piece == kEndOfText) {
      expected.push_back(piece == kStartOfText ? tokenizer.sot_token_id() : tokenizer.eot_token_id());
      continue;
    }
    std::string word;
    for (const char32_t c : piece) append_utf8(c, word);
    const std::vector<std::int64_t> token_ids = slow.encode(word);
    expected.insert(expected.end(), token_ids.begin(), token_ids.end());
  }
  expected.push_back(tokenizer.eot_token_id());
  const TokenizedPrompt whole = tokenizer.tokenize(text);
  require(whole.token_ids == expected, "the ids are those of the slow encoding");
  for (const std::int64_t id : whole.token_ids)
    require(id >= 0 && id < tokenizer.vocab_size(), "ids are in the vocabulary");

  constexpr std::size_t kContextLength = 8;
  const TokenizedPrompt cut = tokenizer.tokenize(text, kContextLength);
  require(cut.is_truncated == (expected.size() > kContextLength), "it is said what is cut");
  if (cut.is_truncated) {
    expected.resize(kContextLength);
    expected.back() = tokenizer.eot_token_id();
  }
  require(cut.token_ids == expected, "a cut prompt is the start of the whole one and the end token");
}

}  // namespace clipcls
