// A damaged tokenizer.bin: the first byte chooses a whole one, then four bytes each are a place
// (little-endian, 24 bits) and what is written there.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzzer.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {
namespace {

constexpr const char* kWordPieceJson =
    R"({"added_tokens": [{"id": 0, "content": "[UNK]"}, {"id": 5, "content": "<a>"}],
  "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "cat": 3, "##s": 4}}})";

// Its charsmap has one string, "a", and one text, "b".
constexpr const char* kUnigramJson =
    R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "@"}, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"},
  "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -3], ["b", -2], ["▁b", -1.5]]}})";

constexpr const char* kBytePairJson =
    R"({"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
  "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "▁": 4},
            "merges": [["a", "b"]]}})";

/// A double-array trie of 768 units, in base64.
std::string charsmap_base64() {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes(4 + 768 * 4, '\0');
  const auto set = [&](std::size_t place, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[place + i] = static_cast<char>(value >> (8 * i) & 0xFFU);
  };
  constexpr std::uint32_t kNode = 256 ^ 'a';
  set(0, 768 * 4);
  set(4, 256U << 10U);
  set(4 + kNode * 4, 'a' | 1U << 8U | (kNode ^ 512U) << 10U);
  set(4 + 512 * 4, 1U << 31U);
  bytes.append("b\0", 2);
  while (bytes.size() % 3 != 0) bytes.push_back('\0');
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | static_cast<unsigned char>(bytes[i + k]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text.push_back(kDigits[group >> shift & 63U]);
  }
  return text;
}

const std::array<std::string, 3>& whole_files() {
  static const std::array<std::string, 3> files = [] {
    std::string unigram = kUnigramJson;
    unigram.replace(unigram.find('@'), 1, charsmap_base64());
    return std::array<std::string, 3>{compile_tokenizer_json(kWordPieceJson, "FILE"),
                                      compile_tokenizer_json(unigram, "FILE"),
                                      compile_tokenizer_json(kBytePairJson, "FILE")};
  }();
  return files;
}

}  // namespace

CLIPCLS_FUZZ_TARGET(tokenizer_bin) {
  if (size == 0) return 0;
  const std::string& whole = whole_files()[data[0] % 3];
  std::vector<std::uint64_t> aligned((whole.size() + 7) / 8);  // as a mapped file is
  char* const bytes = reinterpret_cast<char*>(aligned.data());
  std::ranges::copy(whole, bytes);
  for (std::size_t i = 1; i + 4 <= size; i += 4) {
    const std::size_t place = data[i] | std::size_t{data[i + 1]} << 8U | std::size_t{data[i + 2]} << 16U;
    bytes[place % whole.size()] = static_cast<char>(data[i + 3]);
  }
  accepts(ErrorKind::kModel, [&] {
    const Tokenizer tokenizer = Tokenizer::of_bytes({bytes, whole.size()}, nullptr);
    for (const std::int64_t id : tokenizer.tokenize("a cats <a>banana \u20ac e\u0301 ab").token_ids)
      require(id >= 0 && id < tokenizer.vocab_size(), "an id is one of the vocabulary");
  });
  return 0;
}

}  // namespace clipcls
