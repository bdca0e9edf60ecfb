#include "piece_model.h"

#include <algorithm>

namespace clipcls {

BytePieces::BytePieces(const ByteTrie& pieces) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < ids_.size(); ++byte) {
    const std::string piece = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
    ids_[byte] = pieces.find(piece);
  }
}

bool BytePieces::append(std::string_view bytes, std::vector<std::int64_t>& token_ids) const {
  const auto id_of = [this](char byte) { return ids_[static_cast<unsigned char>(byte)]; };
  if (std::ranges::any_of(bytes, [&](char byte) { return id_of(byte) == ByteTrie::kNone; })) return false;
  for (const char byte : bytes) token_ids.push_back(id_of(byte));
  return true;
}

}  // namespace clipcls
