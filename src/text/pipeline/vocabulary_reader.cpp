#include "vocabulary_reader.h"

#include <algorithm>
#include <limits>

#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPieces = std::size_t{1} << 21U;
constexpr std::size_t kMaxMerges = std::size_t{1} << 22U;
constexpr std::size_t kMaxPieceBytes = 4096;

std::string in_quotes(const std::string& piece) { return show_json(json(piece)); }

/// A piece that is a text of bounded length.
const std::string& piece_text(const JsonFields& model, const json& value) {
  if (!value.is_string()) model.fail("vocab", "has " + show_json(value) + " for a piece");
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > kMaxPieceBytes)
    model.fail("vocab", "has a piece of more than " + std::to_string(kMaxPieceBytes) + " bytes");
  return text;
}

void require_size(const JsonFields& model, const char* field, std::size_t size, std::size_t most) {
  if (size > most)
    model.fail(field, "has " + std::to_string(size) + " items, more than " + std::to_string(most));
}

void index_pieces(const JsonFields& model, PieceVocabulary& vocabulary) {
  vocabulary.ids.reserve(vocabulary.pieces.size());
  for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id) {
    const std::string& piece = vocabulary.pieces[id];
    if (!vocabulary.ids.emplace(piece, static_cast<std::uint32_t>(id)).second)
      model.fail("vocab", "has the piece " + in_quotes(piece) + " twice");
  }
}

/// [["piece", score], …]
void read_scored_pieces(const JsonFields& model, PieceVocabulary& vocabulary) {
  const json& list = model.at("vocab");
  if (!list.is_array() || list.empty()) model.fail("vocab", "is not a list of pieces with scores");
  require_size(model, "vocab", list.size(), kMaxPieces);
  for (const json& entry : list) {
    if (!entry.is_array() || entry.size() != 2 || !entry[1].is_number())
      model.fail("vocab", "has " + show_json(entry) + ", expected a piece with a score");
    vocabulary.pieces.push_back(piece_text(model, entry[0]));
    vocabulary.scores.push_back(entry[1].get<double>());
  }
}

/// {"piece": id, …}, whose ids are 0, 1, 2, …
void read_numbered_pieces(const JsonFields& model, PieceVocabulary& vocabulary) {
  const json& map = model.at("vocab");
  if (!map.is_object() || map.empty()) model.fail("vocab", "is not a table of pieces with ids");
  require_size(model, "vocab", map.size(), kMaxPieces);
  vocabulary.pieces.resize(map.size());
  std::vector<bool> is_taken(map.size());
  for (const auto& [piece, id] : map.items()) {
    if (!id.is_number_unsigned() || id >= map.size()) {
      model.fail("vocab", "has the id " + show_json(id) + " for " + in_quotes(piece) + ", and ids are 0 to " +
                              std::to_string(map.size() - 1) + ", without a hole");
    }
    const auto place = id.get<std::size_t>();
    if (is_taken[place]) model.fail("vocab", "has the id " + std::to_string(place) + " twice");
    is_taken[place] = true;
    vocabulary.pieces[place] = piece_text(model, json(piece));
  }
}

void read_merges(const JsonFields& model, PieceVocabulary& vocabulary) {
  const json& list = model.at("merges");
  if (!list.is_array()) model.fail("merges", "is not a list");
  require_size(model, "merges", list.size(), kMaxMerges);
  const auto id_of = [&](const std::string& piece) {
    const auto found = vocabulary.ids.find(piece);
    if (found == vocabulary.ids.end())
      model.fail("merges", "has " + in_quotes(piece) + ", which is not in vocab");
    return found->second;
  };
  struct Merge {
    std::uint32_t left;
    MergeEntry entry;
  };
  std::vector<Merge> merges;
  merges.reserve(list.size());
  for (const json& item : list) {
    std::string left;
    std::string right;
    if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
      left = item[0].get<std::string>();
      right = item[1].get<std::string>();
    } else if (item.is_string() && std::ranges::count(item.get_ref<const std::string&>(), ' ') == 1) {
      const auto& text = item.get_ref<const std::string&>();
      left = text.substr(0, text.find(' '));
      right = text.substr(text.find(' ') + 1);
    } else {
      model.fail("merges", "has " + show_json(item) + ", expected two pieces");
    }
    merges.push_back(
        {id_of(left), {id_of(right), static_cast<std::uint32_t>(merges.size()), id_of(left + right)}});
  }
  std::ranges::stable_sort(merges, [](const Merge& a, const Merge& b) {
    return std::pair(a.left, a.entry.right) < std::pair(b.left, b.entry.right);
  });
  vocabulary.merge_first.assign(vocabulary.pieces.size() + 1, 0);
  for (std::size_t i = 0; i < merges.size(); ++i) {
    // Of the same two pieces the last line counts, as in the reference.
    const bool is_repeated = i + 1 < merges.size() && merges[i].left == merges[i + 1].left &&
                             merges[i].entry.right == merges[i + 1].entry.right;
    if (is_repeated) continue;
    vocabulary.merge_entries.push_back(merges[i].entry);
    ++vocabulary.merge_first[merges[i].left + 1];
  }
  for (std::size_t i = 1; i < vocabulary.merge_first.size(); ++i)
    vocabulary.merge_first[i] += vocabulary.merge_first[i - 1];
}

void require_absent(const JsonFields& model, const char* field) {
  if (!model.has(field)) return;
  const json& value = model.at(field);
  if (value == 0.0 || (value.is_string() && value.get_ref<const std::string&>().empty())) return;
  model.fail(field, "is " + show_json(value) + ", which is not read");
}

/// The id of the piece that `unk_token` names; null where it is null.
json unk_id_of(const JsonFields& model, const PieceVocabulary& vocabulary) {
  if (!model.has("unk_token")) return nullptr;
  const auto found = vocabulary.ids.find(model.text("unk_token"));
  if (found == vocabulary.ids.end()) model.fail("unk_token", "is not in vocab");
  return found->second;
}

}  // namespace

PieceVocabulary read_piece_vocabulary(const JsonFields& model) {
  PieceVocabulary vocabulary;
  const std::string type = model.text("type");
  vocabulary.settings["type"] = type;
  if (type == "Unigram") {
    read_scored_pieces(model, vocabulary);
    index_pieces(model, vocabulary);
    const auto last = static_cast<std::int64_t>(vocabulary.pieces.size()) - 1;
    if (model.has("unk_id")) vocabulary.settings["unk_id"] = model.integer("unk_id", 0, last);
    vocabulary.settings["byte_fallback"] = model.boolean_or("byte_fallback", false);
  } else if (type == "BPE") {
    for (const char* field : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
      require_absent(model, field);
    read_numbered_pieces(model, vocabulary);
    index_pieces(model, vocabulary);
    read_merges(model, vocabulary);
    vocabulary.settings["unk_id"] = unk_id_of(model, vocabulary);
    for (const char* field : {"fuse_unk", "byte_fallback", "ignore_merges"})
      vocabulary.settings[field] = model.boolean_or(field, false);
  } else if (type == "WordPiece") {
    read_numbered_pieces(model, vocabulary);
    index_pieces(model, vocabulary);
    vocabulary.settings["unk_id"] = unk_id_of(model, vocabulary);
    if (vocabulary.settings["unk_id"].is_null()) model.fail("unk_token", "is missing");
    vocabulary.settings["continuing_subword_prefix"] = model.text("continuing_subword_prefix");
    vocabulary.settings["max_input_chars_per_word"] = model.integer("max_input_chars_per_word", 0, 100'000);
  } else {
    model.fail("type",
               "is " + show_json(json(type)) + ", which is not read; expected Unigram, BPE or WordPiece");
  }
  return vocabulary;
}

}  // namespace clipcls
