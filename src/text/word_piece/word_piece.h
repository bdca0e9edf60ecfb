#pragma once

#include "text/pipeline/piece_model.h"

namespace clipcls {

/// BERT's WordPiece: the longest piece that a word begins with, then the longest that goes on from there. A
/// word that cannot be cut so is one unknown token.
class WordPiece final : public PieceModel {
 public:
  struct Settings {
    std::uint32_t unk_id = 0;
    std::string continuing_prefix = "##";  ///< before the pieces that do not begin a word
    std::size_t max_characters = 100;      ///< longer words are unknown
  };
  WordPiece(const ByteTrie& pieces, Settings settings);

  void encode(std::string_view word, std::vector<std::int64_t>& token_ids) const override;

 private:
  ByteTrie pieces_;
  Settings settings_;
  std::uint32_t continuing_root_;  ///< the node of continuing_prefix
};

}  // namespace clipcls
