#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "added_tokens.h"
#include "json/json_fields.h"
#include "text/byte_pair/merge_table.h"

namespace clipcls {

/// The field `model` of a tokenizer.json. `pieces` have the ids 0, 1, 2, …
// NOLINTNEXTLINE(bugprone-exception-escape): moving a json asserts, and throws nothing
struct PieceVocabulary {
  std::vector<std::string> pieces;
  std::unordered_map<std::string_view, std::uint32_t> ids;  ///< of `pieces`
  std::vector<double> scores;                               ///< Unigram
  std::vector<std::uint32_t> merge_first;                   ///< BPE: MergeTable
  std::vector<MergeEntry> merge_entries;
  nlohmann::ordered_json settings;  ///< what the models of a tokenizer.bin ask for
};

/// Throws Error (kModel) that names the field.
PieceVocabulary read_piece_vocabulary(const JsonFields& model);

/// The field `added_tokens`.
struct AddedVocabulary {
  std::vector<AddedToken> tokens;
  std::vector<std::string> contents;  ///< of `tokens`
  std::int64_t vocab_size = 0;        ///< with those that are not in the vocabulary
};

/// Special ones come first; those whose id is `num_rows` or more are left out. Throws Error (kModel) where an
/// id is not that which the reference would give.
AddedVocabulary read_added_tokens(const JsonFields& root, const PieceVocabulary& vocabulary,
                                  std::int64_t num_rows);

/// What the field `post_processor` puts before and behind a text.
struct SpecialTokenTemplate {
  std::vector<std::uint32_t> prefix;
  std::vector<std::uint32_t> suffix;
};
SpecialTokenTemplate read_post_processor(const JsonFields& root);

/// Of what no token id depends on: throws Error (kModel) where `version` or `decoder` are of another kind
/// than those of the reference.
void check_unused_parts(const JsonFields& root);

}  // namespace clipcls
