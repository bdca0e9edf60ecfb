#pragma once

#include "merge_table.h"
#include "text/pipeline/piece_model.h"

namespace clipcls {

/// Byte-pair encoding over characters, as Hugging Face's tokenizers computes it for Gemma: characters that
/// the vocabulary lacks are spelled by their bytes, and the pair of the earliest merge is merged first, of
/// equal ones the leftmost. Takes O(n log n) for n characters.
class BytePair final : public PieceModel {
 public:
  struct Settings {
    std::optional<std::uint32_t> unk_id;
    bool fuses_unknown = false;  ///< neighbours that are unknown become one token
    bool has_byte_fallback = false;
    bool ignores_merges = false;  ///< a word that is a piece is one token, whatever the merges make of it
  };
  BytePair(const ByteTrie& pieces, const MergeTable& merges, const Settings& settings);

  void encode(std::string_view word, std::vector<std::int64_t>& token_ids) const override;

 private:
  std::vector<std::int64_t> spell(std::string_view word) const;
  void merge(std::vector<std::int64_t> ids, std::vector<std::int64_t>& token_ids) const;

  ByteTrie pieces_;
  MergeTable merges_;
  Settings settings_;
  std::optional<BytePieces> bytes_;
};

}  // namespace clipcls
