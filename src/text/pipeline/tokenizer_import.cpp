#include "text/tokenizer_import.h"

#include <algorithm>

#include "byte_trie.h"
#include "json/parse_json.h"
#include "json/write_json.h"
#include "normalizer.h"
#include "pipeline_tokenizer.h"
#include "tokenizer_file.h"
#include "vocabulary_reader.h"

namespace clipcls {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

using TrieEntries = std::vector<std::pair<std::string_view, std::uint32_t>>;

/// Of equal strings the first one stays.
ByteTrieArrays sorted_trie(TrieEntries entries) {
  std::ranges::stable_sort(entries, {}, &TrieEntries::value_type::first);
  const auto is_same = [](const auto& a, const auto& b) { return a.first == b.first; };
  entries.erase(std::unique(entries.begin(), entries.end(), is_same), entries.end());
  return build_byte_trie(entries);
}

void set_trie(TokenizerSections& sections, TokenizerSection labels, const ByteTrieArrays& trie) {
  const auto first = static_cast<std::size_t>(labels);
  sections[first] = bytes_of(trie.labels);
  sections[first + 1] = bytes_of(trie.first_child);
  sections[first + 2] = bytes_of(trie.values);
}

std::string compile(const json& root, const std::string& place,
                    std::int64_t num_rows = std::numeric_limits<std::int64_t>::max()) {
  using Section = TokenizerSection;
  const JsonFields fields(root, place, ErrorKind::kModel);
  check_unused_parts(fields);
  const PieceVocabulary vocabulary = read_piece_vocabulary(fields.object("model"));
  const AddedVocabulary added = read_added_tokens(fields, vocabulary, num_rows);
  const SpecialTokenTemplate special = read_post_processor(fields);
  for (const auto& ids : {special.prefix, special.suffix}) {
    for (const std::uint32_t id : ids) {
      if (id >= added.vocab_size)
        fields.fail("post_processor",
                    "has the id " + std::to_string(id) + ", which is not in the vocabulary");
    }
  }

  ordered_json settings;
  settings["vocab_size"] = added.vocab_size;
  settings["num_pieces"] = vocabulary.pieces.size();
  settings["model"] = vocabulary.settings;
  settings["prefix"] = special.prefix;
  settings["suffix"] = special.suffix;
  json normalizer = root.value("normalizer", json());
  const std::string charsmap = take_charsmap(normalizer);
  const TextNormalizer read_normalizer(normalizer, place, charsmap);
  settings["normalizer"] = normalizer;
  const json pre_tokenizer = root.value("pre_tokenizer", json());
  const WordSplitter read_pre_tokenizer(pre_tokenizer, place);  // throws with the name of the field
  settings["pre_tokenizer"] = pre_tokenizer;
  const std::string settings_text = write_json(settings);

  TrieEntries pieces;
  for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id)
    pieces.emplace_back(vocabulary.pieces[id], static_cast<std::uint32_t>(id));
  TrieEntries plain;
  TrieEntries normalized;
  std::vector<std::string> normalized_contents;
  normalized_contents.reserve(added.tokens.size());  // views into it stay
  for (std::size_t i = 0; i < added.tokens.size(); ++i) {
    if ((added.tokens[i].flags & kNormalized) == 0) {
      plain.emplace_back(added.contents[i], static_cast<std::uint32_t>(i));
      continue;
    }
    const std::string& content =
        normalized_contents.emplace_back(read_normalizer.normalize(added.contents[i]));
    if (content.empty()) fields.fail("added_tokens", "has a token that normalizer leaves nothing of");
    normalized.emplace_back(content, static_cast<std::uint32_t>(i));
  }
  const ByteTrieArrays piece_trie = sorted_trie(std::move(pieces));
  const ByteTrieArrays plain_trie = sorted_trie(std::move(plain));
  const ByteTrieArrays normalized_trie = sorted_trie(std::move(normalized));

  TokenizerSections sections;
  const auto set = [&](Section section, std::string_view bytes) {
    sections[static_cast<std::size_t>(section)] = bytes;
  };
  set(Section::kSettings, settings_text);
  set(Section::kCharsmap, charsmap);
  set_trie(sections, Section::kPieceLabels, piece_trie);
  set(Section::kScores, bytes_of(vocabulary.scores));
  set(Section::kMergeFirst, bytes_of(vocabulary.merge_first));
  set(Section::kMergeEntries, bytes_of(vocabulary.merge_entries));
  set(Section::kAddedTokens, bytes_of(added.tokens));
  set_trie(sections, Section::kPlainLabels, plain_trie);
  set_trie(sections, Section::kNormalizedLabels, normalized_trie);
  std::string bytes = write_tokenizer_file(sections);
  try {
    // What is left to check is checked as at each start.
    PipelineTokenizer(bytes, nullptr, TextCleaning::kNone);
  } catch (const Error& error) {
    throw Error(error.kind(), place + ": " + error.what());
  }
  return bytes;
}

bool has_bert_normalizer(const json& root) {
  const json own = root.is_object() ? root.value("normalizer", json()) : json();
  return own.is_object() && own.value("type", json()) == "BertNormalizer";
}

void set_rules(const BertRules& rules, json& normalizer) {
  normalizer["lowercase"] = rules.is_lower_case;
  normalizer["strip_accents"] = rules.strips_accents ? json(*rules.strips_accents) : json();
  normalizer["handle_chinese_chars"] = rules.splits_chinese;
}

}  // namespace

std::string compile_tokenizer_json(std::string_view text, const std::string& place, bool is_lower_case,
                                   std::int64_t num_rows, const std::optional<BertRules>& bert) {
  json root = parse_json(text, place, ErrorKind::kModel);
  try {
    if (is_lower_case && root.is_object()) {
      json steps = json::array({{{"type", "Lowercase"}}});
      if (const json own = root.value("normalizer", json()); !own.is_null()) steps.push_back(own);
      root["normalizer"] = {{"type", "Sequence"}, {"normalizers", std::move(steps)}};
    }
    if (bert && has_bert_normalizer(root)) set_rules(*bert, root["normalizer"]);
    return compile(root, place, num_rows);
  } catch (const Error& error) {
    // Parts that know no file say only what is wrong.
    if (std::string_view(error.what()).starts_with(place)) throw;
    throw Error(error.kind(), place + ": " + error.what());
  }
}

std::string compile_vocab_txt(std::string_view text, const BertRules& rules, const std::string& place) {
  json vocab = json::object();
  for (std::size_t id = 0; !text.empty(); ++id) {
    const std::size_t end = std::min(text.size(), text.find('\n'));
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!vocab.emplace(line, id).second) {
      throw Error(ErrorKind::kModel,
                  place + ": line " + std::to_string(id + 1) + " is a piece that is there already");
    }
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  json added = json::array();
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    const auto found = vocab.find(token);
    if (found == vocab.end()) {
      throw Error(ErrorKind::kModel, place + ": has no line " + token + ", which a vocabulary of BERT's has");
    }
    added.push_back({{"id", *found}, {"content", token}, {"special", true}, {"normalized", false}});
  }
  json root;
  root["added_tokens"] = added;
  root["normalizer"] = {{"type", "BertNormalizer"}};
  set_rules(rules, root["normalizer"]);
  root["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  root["post_processor"] = {
      {"type", "BertProcessing"}, {"cls", {"[CLS]", vocab["[CLS]"]}}, {"sep", {"[SEP]", vocab["[SEP]"]}}};
  root["model"] = {{"type", "WordPiece"},
                   {"unk_token", "[UNK]"},
                   {"continuing_subword_prefix", "##"},
                   {"max_input_chars_per_word", 100},
                   {"vocab", std::move(vocab)}};
  return compile(root, place);
}

}  // namespace clipcls
