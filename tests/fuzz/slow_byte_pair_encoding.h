#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/byte_symbols.h"

namespace clipcls {

/// Byte-level byte-pair encoding as OpenAI's simple_tokenizer.py spells it out, on texts and by search: what
/// the tokenizer is compared with. It takes quadratic time. `merges_text` is one that Tokenizer accepts.
class SlowBytePairEncoding {
 public:
  explicit SlowBytePairEncoding(std::string_view merges_text) {
    for (const char* ending :
         {"", "</w>"}) {  // vocab = bytes, then bytes with </w>, in the order of their ids
      std::vector<std::string> symbols(kNumBytes);
      for (TokenId byte = 0; byte < kNumBytes; ++byte)
        symbols[byte_token_ids()[byte]] = byte_symbol(static_cast<unsigned char>(byte)) + ending;
      for (const std::string& symbol : symbols) ids_.emplace(symbol, ids_.size());
    }
    while (merges_text.ends_with('\n') || merges_text.ends_with('\r')) merges_text.remove_suffix(1);
    std::size_t position = merges_text.find('\n');
    while (position < merges_text.size()) {
      const std::size_t end = std::min(merges_text.find('\n', position + 1), merges_text.size());
      std::string line(merges_text.substr(position + 1, end - position - 1));
      if (line.ends_with('\r')) line.pop_back();
      position = end;
      if (line.empty()) continue;
      ranks_.emplace(line, ranks_.size());
      ids_.emplace(line.erase(line.find(' '), 1), ids_.size());
    }
  }

  std::vector<std::int64_t> encode(std::string_view word) const {
    std::vector<std::string> symbols;
    for (const char byte : word) symbols.push_back(byte_symbol(static_cast<unsigned char>(byte)));
    symbols.back() += "</w>";
    for (;;) {
      std::size_t best = ranks_.size();
      std::pair<std::string, std::string> pair;
      for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
        const auto found = ranks_.find(symbols[i] + " " + symbols[i + 1]);
        if (found == ranks_.end() || found->second >= best) continue;
        best = found->second;
        pair = {symbols[i], symbols[i + 1]};
      }
      if (best == ranks_.size()) break;
      std::vector<std::string> merged;
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const bool is_pair =
            i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second;
        merged.push_back(is_pair ? pair.first + pair.second : symbols[i]);
        if (is_pair) ++i;
      }
      symbols = std::move(merged);
    }
    std::vector<std::int64_t> token_ids;
    for (const std::string& symbol : symbols) token_ids.push_back(static_cast<std::int64_t>(ids_.at(symbol)));
    return token_ids;
  }

 private:
  std::unordered_map<std::string, std::size_t> ranks_;  ///< "left right"
  std::unordered_map<std::string, std::size_t> ids_;
};

}  // namespace clipcls
