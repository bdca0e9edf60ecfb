#include "text/tokenizer_import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/expect_error.h"
#include "text/tokenizer.h"

namespace clipcls {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int64_t>;

json word_piece_json() {
  return json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 0, "content": "[UNK]", "special": true, "normalized": false},
                     {"id": 5, "content": "<photo>", "special": false, "normalized": true}],
    "normalizer": {"type": "BertNormalizer", "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
    "decoder": {"type": "WordPiece", "prefix": "##"},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "cat": 3, "##s": 4}}
  })");
}

json unigram_json() {
  return json::parse(R"({
    "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"},
    "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}}],
                       "special_tokens": {"</s>": {"id": "</s>", "ids": [1]}}},
    "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["</s>", 0], ["▁", -3], ["a", -2], ["▁a", -1.5]]}
  })");
}

json byte_pair_json() {
  return json::parse(R"({
    "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false,
              "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "▁": 4}, "merges": [["a", "b"]]}
  })");
}

Tokenizer imported(const json& file) {
  const auto bytes = std::make_shared<const std::string>(compile_tokenizer_json(file.dump(), "FILE"));
  return Tokenizer::of_bytes(*bytes, bytes);
}

Ids ids_of(const json& file, std::string_view text) { return imported(file).tokenize(text).token_ids; }

std::string refusal_of(const json& file) {
  const std::string message =
      error_message(ErrorKind::kModel, [&] { compile_tokenizer_json(file.dump(), "FILE"); });
  EXPECT_TRUE(message.starts_with("FILE: ")) << message;
  EXPECT_LT(message.size(), 500U);
  return message;
}

/// `file` with `value` at `pointer` is refused by a message that has `part` in it.
void expect_refused(json file, const char* pointer, const json& value, const std::string& part) {
  file[json::json_pointer(pointer)] = value;
  const std::string message = refusal_of(file);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(TokenizerImport, reads_the_three_models) {
  EXPECT_EQ(ids_of(word_piece_json(), "Cats, <PHOTO>cat"), (Ids{1, 3, 4, 0, 5, 3, 2}));
  EXPECT_EQ(ids_of(unigram_json(), "a zz"), (Ids{4, 2, 0, 1}));
  EXPECT_EQ(ids_of(byte_pair_json(), "ab ba€€"), (Ids{3, 4, 2, 1, 0}));
}

/// transformers' SiglipTokenizer canonicalises what stands between special tokens; open_clip the whole text.
TEST(TokenizerImport, cleans_before_or_behind_added_tokens) {
  json file = unigram_json();
  file["added_tokens"] =
      json::parse(R"([{"id": 1, "content": "</s>", "special": true, "normalized": false}])");
  const auto bytes = std::make_shared<const std::string>(compile_tokenizer_json(file.dump(), "FILE"));
  const auto ids = [&](TextCleaning cleaning, std::string_view text) {
    return Tokenizer::of_bytes(*bytes, bytes, cleaning).tokenize(text).token_ids;
  };
  EXPECT_EQ(ids(TextCleaning::kNone, "A!"), (Ids{2, 0, 1}));
  EXPECT_EQ(ids(TextCleaning::kSiglip, "A!"), (Ids{4, 1}));
  EXPECT_EQ(ids(TextCleaning::kCanonicalize, "A!"), (Ids{4, 1}));
  EXPECT_EQ(ids(TextCleaning::kSiglip, "A!</s>"), (Ids{4, 1, 1}));
  EXPECT_EQ(ids(TextCleaning::kCanonicalize, "a</s>"), (Ids{4, 0, 1}));
}

TEST(TokenizerImport, puts_lower_case_before_the_normalizer) {
  for (const json& normalizer : {byte_pair_json()["normalizer"], json()}) {
    json file = byte_pair_json();
    file["normalizer"] = normalizer;
    const auto bytes = std::make_shared<const std::string>(compile_tokenizer_json(file.dump(), "FILE", true));
    EXPECT_EQ(Tokenizer::of_bytes(*bytes, bytes).tokenize("AbB").token_ids, (Ids{3, 2}));
    EXPECT_EQ(ids_of(file, "AbB"), (Ids{0, 2, 0}));
  }
}

TEST(TokenizerImport, names_the_part_that_it_does_not_read) {
  const json file = word_piece_json();
  expect_refused(file, "/version", "2.0", "field version is");
  expect_refused(file, "/normalizer", {{"type", "Nmt"}}, "field normalizer.type is \"Nmt\"");
  expect_refused(file, "/normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "NFKC"}}}}},
                 "field normalizer.normalizers.type is \"NFKC\"");
  expect_refused(file, "/pre_tokenizer", {{"type", "ByteLevel"}},
                 "field pre_tokenizer.type is \"ByteLevel\"");
  expect_refused(file, "/model/type", "WordLevel", "field model.type is \"WordLevel\"");
  expect_refused(file, "/post_processor", {{"type", "ByteLevel"}},
                 "field post_processor.type is \"ByteLevel\"");
  expect_refused(file, "/decoder", {{"type", "Morse"}}, "field decoder.type is \"Morse\"");
  expect_refused(file, "/added_tokens/1/single_word", true, "field added_tokens.single_word is true");
  expect_refused(byte_pair_json(), "/model/dropout", 0.5, "field model.dropout is 0.5");
  expect_refused(byte_pair_json(), "/normalizer/pattern", {{"Regex", "(a+)+"}},
                 "its normalizer has the pattern \"(a+)+\"");
  expect_refused(file, "/model", nullptr, "field model is null, expected an object");
  EXPECT_EQ(error_message(ErrorKind::kModel, [] { compile_tokenizer_json("[]", "FILE"); }),
            "FILE: is not a JSON object");
  EXPECT_NE(error_message(ErrorKind::kModel, [] { compile_tokenizer_json("{", "FILE"); })
                .find("FILE: is not valid JSON"),
            std::string::npos);
}

TEST(TokenizerImport, refuses_ids_and_vocabularies_that_do_not_fit) {
  const json file = word_piece_json();
  expect_refused(file, "/model/vocab/cat", 9, "field model.vocab has the id 9 for \"cat\"");
  expect_refused(file, "/model/vocab/cat", -1, "field model.vocab has the id -1 for \"cat\"");
  expect_refused(file, "/model/vocab/cat", 4, "field model.vocab has the id 4 twice");
  expect_refused(file, "/model/vocab/cat", 1e30, "field model.vocab has the id 1e+30");
  expect_refused(file, "/model/vocab", json::object(), "field model.vocab is not a table");
  expect_refused(file, "/model/unk_token", "none", "field model.unk_token is not in vocab");
  expect_refused(file, "/added_tokens/1/id", 77,
                 "field added_tokens has the id 77 for \"<photo>\", expected 5");
  expect_refused(file, "/added_tokens/1/id", 1LL << 40, "field added_tokens.id is");
  expect_refused(file, "/post_processor/cls/1", 6,
                 "field post_processor has the id 6, which is not in the vocabulary");
  expect_refused(unigram_json(), "/model/unk_id", 5, "field model.unk_id is 5");
  expect_refused(unigram_json(), "/model/vocab/3", {"a"}, "field model.vocab has");
  expect_refused(unigram_json(), "/model/vocab/3", {"▁a", -2},
                 "field model.vocab has the piece \"▁a\" twice");
  expect_refused(unigram_json(), "/post_processor/special_tokens/<~1s>/ids/0", 1 << 20,
                 "field post_processor has the id 1048576");
  expect_refused(byte_pair_json(), "/model/merges/0", {"b", "a"},
                 "field model.merges has \"ba\", which is not in vocab");
  expect_refused(byte_pair_json(), "/model/merges/0", "a b c",
                 "field model.merges has \"a b c\", expected two pieces");
}

TEST(TokenizerImport, refuses_too_many_added_tokens) {
  json file = word_piece_json();
  json& tokens = file["added_tokens"];
  for (int id = 6; id < 65'541; ++id) tokens.push_back({{"id", id}, {"content", std::to_string(id)}});
  EXPECT_EQ(refusal_of(file), "FILE: field added_tokens has 65537 items, more than 65536");
}

TEST(TokenizerImport, refuses_a_text_that_the_vocabulary_has_nothing_for) {
  json file = unigram_json();
  file["model"]["unk_id"] = nullptr;
  const Tokenizer tokenizer = imported(file);
  EXPECT_EQ(tokenizer.tokenize("aa").token_ids, (Ids{4, 3, 1}));
  EXPECT_NE(error_message(ErrorKind::kModel, [&] { tokenizer.tokenize("z"); }).find("no unk_id"),
            std::string::npos);
}

TEST(TokenizerImport, cuts_a_long_text_before_its_last_tokens) {
  const Tokenizer tokenizer = imported(word_piece_json());
  const TokenizedPrompt cut = tokenizer.tokenize("cat cat cat", 4);
  EXPECT_TRUE(cut.is_truncated);
  EXPECT_EQ(cut.token_ids, (Ids{1, 3, 3, 2}));
  const TokenizedPrompt whole = tokenizer.tokenize("cat cat", 4);
  EXPECT_FALSE(whole.is_truncated);
  EXPECT_EQ(whole.token_ids, (Ids{1, 3, 3, 2}));
  EXPECT_NE(error_message(ErrorKind::kModel, [&] { tokenizer.tokenize("cat", 1); }).find("at least 2"),
            std::string::npos);
  EXPECT_EQ(tokenizer.sot_token_id(), 1);
  EXPECT_EQ(tokenizer.eot_token_id(), 2);
  EXPECT_EQ(tokenizer.vocab_size(), 6);
}

TEST(TokenizerImport, leaves_out_added_tokens_that_a_model_has_no_embedding_of) {
  json file = unigram_json();
  for (int id = 5; id < 8; ++id)
    file["added_tokens"].push_back(
        {{"id", id}, {"content", "<x" + std::to_string(id) + ">"}, {"special", true}});
  const auto of_rows = [&file](std::int64_t num_rows) {
    const auto bytes =
        std::make_shared<const std::string>(compile_tokenizer_json(file.dump(), "FILE", false, num_rows));
    return Tokenizer::of_bytes(*bytes, bytes);
  };
  EXPECT_EQ(of_rows(8).vocab_size(), 8);
  EXPECT_EQ(of_rows(8).tokenize("<x7>").token_ids, (Ids{7, 1}));
  EXPECT_EQ(of_rows(6).vocab_size(), 6);
  EXPECT_EQ(of_rows(6).tokenize("<x5>").token_ids, (Ids{5, 1}));
  EXPECT_EQ(of_rows(6).tokenize("<x7>").token_ids, ids_of(unigram_json(), "<x7>"));
  EXPECT_EQ(of_rows(5).vocab_size(), 5);
  // Pieces are what texts are made of: whoever has no embeddings of them has another tokenizer.
  EXPECT_EQ(of_rows(3).vocab_size(), 5);
}

/// The three settings of tokenizer_config.json, in either kind of file.
TEST(TokenizerImport, splits_as_the_bert_tokenizer_is_set) {
  const std::string vocab =
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncafe\ncaf\u00e9\nCafe\n\u72d7\n\u72d7\u72d7\n";
  json file = json::parse(R"({"added_tokens": [], "normalizer": {"type": "BertNormalizer", "lowercase": true},
      "pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"type": "WordPiece", "unk_token": "[UNK]",
      "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {}}})");
  std::size_t id = 0;
  for (const char* piece :
       {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cafe", "caf\u00e9", "Cafe", "\u72d7", "\u72d7\u72d7"})
    file["model"]["vocab"][piece] = id++;
  const auto expect_ids = [&](const BertRules& rules, const Ids& expected) {
    const auto of_lines = std::make_shared<const std::string>(compile_vocab_txt(vocab, rules, "FILE"));
    Ids framed = {2};
    framed.insert(framed.end(), expected.begin(), expected.end());
    framed.push_back(3);
    const std::string text = "Caf\u00e9 \u72d7\u72d7";
    EXPECT_EQ(Tokenizer::of_bytes(*of_lines, of_lines).tokenize(text).token_ids, framed);
    const auto of_json =
        std::make_shared<const std::string>(compile_tokenizer_json(file.dump(), "FILE", false, 100, rules));
    EXPECT_EQ(Tokenizer::of_bytes(*of_json, of_json).tokenize(text).token_ids, expected);
  };
  expect_ids({}, {5, 8, 8});
  expect_ids({.strips_accents = false}, {6, 8, 8});
  expect_ids({.is_lower_case = false}, {1, 8, 8});
  expect_ids({.is_lower_case = false, .strips_accents = true}, {7, 8, 8});
  expect_ids({.splits_chinese = false}, {5, 9});
}

TEST(TokenizerImport, reads_a_vocab_txt) {
  const std::string vocab = "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\n[MASK]\ncat\n##s\n";
  const auto bytes = std::make_shared<const std::string>(compile_vocab_txt(vocab, {}, "FILE"));
  const Tokenizer tokenizer = Tokenizer::of_bytes(*bytes, bytes);
  EXPECT_EQ(tokenizer.tokenize("Cats [MASK]").token_ids, (Ids{2, 5, 6, 4, 3}));
  EXPECT_EQ(tokenizer.vocab_size(), 7);
  const auto cased =
      std::make_shared<const std::string>(compile_vocab_txt(vocab, {.is_lower_case = false}, "FILE"));
  EXPECT_EQ(Tokenizer::of_bytes(*cased, cased).tokenize("Cats").token_ids, (Ids{2, 1, 3}));
  EXPECT_FALSE(Tokenizer::of_bytes(*cased, cased) == tokenizer);
  EXPECT_EQ(error_message(ErrorKind::kModel, [] { compile_vocab_txt("a\na\n", {}, "FILE"); }),
            "FILE: line 2 is a piece that is there already");
  EXPECT_NE(error_message(ErrorKind::kModel, [] { compile_vocab_txt("", {}, "FILE"); })
                .find("FILE: has no line [PAD]"),
            std::string::npos);
}

TEST(TokenizerFile, a_damaged_one_is_refused_or_read) {
  for (const json& file : {word_piece_json(), unigram_json(), byte_pair_json()}) {
    const std::string whole = compile_tokenizer_json(file.dump(), "FILE");
    // As a mapped file, the copy begins at a multiple of eight bytes.
    std::vector<std::uint64_t> place((whole.size() + 7) / 8);
    char* const bytes = reinterpret_cast<char*>(place.data());
    const auto open = [&](std::size_t size) {
      return error_message(ErrorKind::kModel, [&] {
        const Tokenizer tokenizer = Tokenizer::of_bytes({bytes, size}, nullptr);
        tokenizer.tokenize("ab Cats <photo> €");
      });
    };
    std::ranges::copy(whole, bytes);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_NE(open(size), "no error") << size;
    }
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
        bytes[i] = static_cast<char>(static_cast<unsigned char>(whole[i]) ^ flip);
        open(whole.size());
      }
      bytes[i] = whole[i];
    }
    EXPECT_EQ(open(whole.size()), "no error");
  }
}

}  // namespace
}  // namespace clipcls
