#include "unigram.h"

#include <algorithm>
#include <limits>

#include "text/pipeline/refuse.h"

namespace clipcls {
namespace {

constexpr double kUnknownPenalty = 10.0;
constexpr std::size_t kNoStart = std::numeric_limits<std::size_t>::max();

/// The best way to the end of a piece.
struct BestPath {
  double score = 0;
  std::size_t starts_at = kNoStart;  ///< where its last piece begins
  std::uint32_t id = 0;              ///< of that piece

  void offer(double candidate, std::size_t start, std::uint32_t piece_id) {
    if (starts_at == kNoStart || candidate > score) *this = {candidate, start, piece_id};
  }
};

std::size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

Unigram::Unigram(const ByteTrie& pieces, std::span<const double> scores, const Settings& settings)
    : pieces_(pieces), scores_(scores), settings_(settings) {
  const double lowest = scores.empty() ? 0 : *std::ranges::min_element(scores);
  unk_score_ = lowest - kUnknownPenalty;
  if (settings.has_byte_fallback) bytes_.emplace(pieces);
}

void Unigram::append(std::string_view piece, std::vector<std::int64_t>& token_ids) const {
  if (const std::uint32_t id = pieces_.find(piece); id != ByteTrie::kNone) {
    token_ids.push_back(id);
  } else if (!bytes_ || !bytes_->append(piece, token_ids)) {
    token_ids.push_back(*settings_.unk_id);
  }
}

void Unigram::encode(std::string_view word, std::vector<std::int64_t>& token_ids) const {
  std::vector<BestPath> best(word.size() + 1);
  for (std::size_t start = 0; start < word.size();) {
    const double score_here = best[start].score;
    const std::size_t size = std::min(character_size(word[start]), word.size() - start);
    bool has_character = false;
    std::uint32_t node = ByteTrie::kRoot;
    for (std::size_t end = start; end < word.size();) {
      node = pieces_.child(node, static_cast<unsigned char>(word[end++]));
      if (node == ByteTrie::kNone) break;
      const std::uint32_t id = pieces_.value(node);
      if (id == ByteTrie::kNone) continue;
      best[end].offer(scores_[id] + score_here, start, id);
      has_character = has_character || end - start == size;
    }
    if (!has_character) {
      if (!settings_.unk_id) refuse_tokenizer("the vocabulary has no piece for a character, and no unk_id");
      best[start + size].offer(unk_score_ + score_here, start, *settings_.unk_id);
    }
    start += size;
  }
  // From the end to the start; neighbours that are unknown become one piece.
  std::vector<std::string_view> pieces;
  bool was_unknown = false;
  for (std::size_t end = word.size(); end > 0;) {
    const BestPath& path = best[end];
    const bool is_unknown = path.id == settings_.unk_id;
    const std::string_view piece = word.substr(path.starts_at, end - path.starts_at);
    if (is_unknown && was_unknown) {
      pieces.back() = {piece.data(), piece.size() + pieces.back().size()};
    } else {
      pieces.push_back(piece);
    }
    was_unknown = is_unknown;
    end = path.starts_at;
  }
  for (std::size_t i = pieces.size(); i > 0; --i) append(pieces[i - 1], token_ids);
}

}  // namespace clipcls
