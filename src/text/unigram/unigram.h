#pragma once

#include <span>

#include "text/pipeline/piece_model.h"

namespace clipcls {

/// SentencePiece's unigram model as Hugging Face's tokenizers computes it: of all ways to cut a word into
/// pieces the one with the highest sum of scores, in double precision; of equal ones that which is found
/// first, whose pieces begin earlier.
class Unigram final : public PieceModel {
 public:
  struct Settings {
    std::optional<std::uint32_t> unk_id;
    bool has_byte_fallback = false;
  };
  /// `scores` has one for each value of `pieces`.
  Unigram(const ByteTrie& pieces, std::span<const double> scores, const Settings& settings);

  void encode(std::string_view word, std::vector<std::int64_t>& token_ids) const override;

 private:
  void append(std::string_view piece, std::vector<std::int64_t>& token_ids) const;

  ByteTrie pieces_;
  std::span<const double> scores_;
  Settings settings_;
  double unk_score_;
  std::optional<BytePieces> bytes_;
};

}  // namespace clipcls
