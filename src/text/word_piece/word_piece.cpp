#include "word_piece.h"

#include <algorithm>
#include <utility>

namespace clipcls {

WordPiece::WordPiece(const ByteTrie& pieces, Settings settings)
    : pieces_(pieces),
      settings_(std::move(settings)),
      continuing_root_(pieces.descend(ByteTrie::kRoot, settings_.continuing_prefix)) {}

void WordPiece::encode(std::string_view word, std::vector<std::int64_t>& token_ids) const {
  const auto is_leading = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; };
  const std::size_t num_before = token_ids.size();
  bool is_known =
      static_cast<std::size_t>(std::ranges::count_if(word, is_leading)) <= settings_.max_characters;
  std::uint32_t root = ByteTrie::kRoot;
  while (is_known && !word.empty()) {
    std::uint32_t node = root;
    std::uint32_t longest = ByteTrie::kNone;
    std::size_t length = 0;
    for (std::size_t i = 0; i < word.size() && node != ByteTrie::kNone; ++i) {
      node = pieces_.child(node, static_cast<unsigned char>(word[i]));
      if (node == ByteTrie::kNone || pieces_.value(node) == ByteTrie::kNone) continue;
      longest = pieces_.value(node);
      length = i + 1;
    }
    is_known = length > 0;
    token_ids.push_back(longest);
    word.remove_prefix(length);
    root = continuing_root_;
  }
  if (is_known) return;
  token_ids.resize(num_before);
  token_ids.push_back(settings_.unk_id);
}

}  // namespace clipcls
