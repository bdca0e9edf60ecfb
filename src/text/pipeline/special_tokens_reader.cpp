#include <algorithm>
#include <array>
#include <set>

#include "json/write_json.h"
#include "vocabulary_reader.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAddedTokens = std::size_t{1} << 16U;
constexpr std::int64_t kMaxTokenId = std::int64_t{1} << 24;

struct FoundToken {
  AddedToken token;
  std::string content;
  bool is_special;
};

FoundToken read_added_token(const JsonFields& fields) {
  FoundToken found{{static_cast<std::uint32_t>(fields.integer("id", 0, kMaxTokenId)), 0},
                   fields.text("content"),
                   fields.boolean_or("special", false)};
  if (found.content.size() > 4096) fields.fail("content", "has more than 4096 bytes");
  if (fields.boolean_or("single_word", false)) fields.fail("single_word", "is true, which is not read");
  if (fields.boolean_or("lstrip", false)) found.token.flags |= kLeftStrip;
  if (fields.boolean_or("rstrip", false)) found.token.flags |= kRightStrip;
  if (fields.boolean_or("normalized", !found.is_special)) found.token.flags |= kNormalized;
  return found;
}

/// ["</s>", 2]
std::uint32_t read_named_id(const JsonFields& fields, const std::string& name) {
  const json& pair = fields.at(name);
  const bool is_pair =
      pair.is_array() && pair.size() == 2 && pair[1].is_number_unsigned() && pair[1] < kMaxTokenId;
  if (!is_pair) fields.fail(name, "is " + show_json(pair) + ", expected a token and its id");
  return pair[1].get<std::uint32_t>();
}

/// {"single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}, …], "special_tokens": {"<s>":
/// {"ids": [0]}}}
SpecialTokenTemplate read_template_processing(const JsonFields& fields) {
  SpecialTokenTemplate found;
  const json& items = fields.at("single");
  if (!items.is_array() || items.size() > 16) fields.fail("single", "is not a list of up to 16 items");
  bool is_behind = false;
  for (const json& item : items) {
    const JsonFields part(item, fields.place(), ErrorKind::kModel, "post_processor.single.");
    if (part.has("Sequence")) {
      if (is_behind || part.object("Sequence").text("id") != "A")
        fields.fail("single", "has another text than A");
      is_behind = true;
      continue;
    }
    const std::string name = part.object("SpecialToken").text("id");
    const json& ids = fields.object("special_tokens").object(name).at("ids");
    if (!ids.is_array() || ids.size() != 1 || !ids[0].is_number_unsigned() || ids[0] >= kMaxTokenId)
      fields.fail("special_tokens", "has " + show_json(ids) + " for the ids of a token, expected one");
    (is_behind ? found.suffix : found.prefix).push_back(ids[0].get<std::uint32_t>());
  }
  if (!is_behind) fields.fail("single", "has no place for the text");
  return found;
}

}  // namespace

AddedVocabulary read_added_tokens(const JsonFields& root, const PieceVocabulary& vocabulary,
                                  std::int64_t num_rows) {
  AddedVocabulary added;
  added.vocab_size = static_cast<std::int64_t>(vocabulary.pieces.size());
  if (!root.has("added_tokens")) return added;
  const json& list = root.at("added_tokens");
  if (!list.is_array()) root.fail("added_tokens", "is not a list");
  if (list.size() > kMaxAddedTokens) {
    root.fail("added_tokens",
              "has " + std::to_string(list.size()) + " items, more than " + std::to_string(kMaxAddedTokens));
  }
  std::vector<FoundToken> tokens;
  std::set<std::string> contents;
  std::int64_t next_id = added.vocab_size;
  for (const json& item : list) {
    FoundToken found = read_added_token(JsonFields(item, root.place(), ErrorKind::kModel, "added_tokens."));
    if (found.content.empty()) continue;
    const std::string shown = show_json(json(found.content));
    if (!contents.insert(found.content).second) root.fail("added_tokens", "has " + shown + " twice");
    // The reference takes no heed of the file's id, and would give this one.
    const auto piece = vocabulary.ids.find(found.content);
    const std::int64_t expected = piece != vocabulary.ids.end() ? piece->second : next_id;
    if (found.token.id != expected) {
      root.fail("added_tokens", "has the id " + std::to_string(found.token.id) + " for " + shown +
                                    ", expected " + std::to_string(expected));
    }
    if (piece == vocabulary.ids.end()) {
      ++next_id;
      if (expected >= num_rows) continue;
      added.vocab_size = next_id;
    }
    tokens.push_back(std::move(found));
  }
  // Where two are the same text once it is normalised, the special one counts.
  std::stable_partition(tokens.begin(), tokens.end(),
                        [](const FoundToken& found) { return found.is_special; });
  for (FoundToken& found : tokens) {
    added.tokens.push_back(found.token);
    added.contents.push_back(std::move(found.content));
  }
  return added;
}

SpecialTokenTemplate read_post_processor(const JsonFields& root) {
  if (!root.has("post_processor")) return {};
  const JsonFields fields(root.at("post_processor"), root.place(), ErrorKind::kModel, "post_processor.");
  const std::string type = fields.text("type");
  if (type == "TemplateProcessing") return read_template_processing(fields);
  if (type == "BertProcessing" || type == "RobertaProcessing")
    return {{read_named_id(fields, "cls")}, {read_named_id(fields, "sep")}};
  fields.fail("type", "is " + show_json(json(type)) + ", which is not read");
}

void check_unused_parts(const JsonFields& root) {
  if (root.has("version") && root.text("version") != "1.0")
    root.fail("version", "is " + show_json(root.at("version")) + ", expected \"1.0\"");
  if (!root.has("decoder")) return;
  constexpr std::array kDecoders = {"BPEDecoder", "ByteFallback", "ByteLevel", "CTC",   "Fuse",
                                    "Metaspace",  "Replace",      "Sequence",  "Strip", "WordPiece"};
  const JsonFields decoder(root.at("decoder"), root.place(), ErrorKind::kModel, "decoder.");
  const std::string type = decoder.text("type");
  if (std::ranges::find(kDecoders, type) == kDecoders.end())
    decoder.fail("type", "is " + show_json(json(type)) + ", which is not known");
}

}  // namespace clipcls
