#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace clipcls {

// Published vocabularies become a tokenizer.bin, which Tokenizer opens where it is mapped. `place` stands
// before errors: the file that is read.

/// How transformers' BertTokenizer splits texts, whatever the file of its vocabulary says.
struct BertRules {
  bool is_lower_case = true;             ///< do_lower_case
  std::optional<bool> strips_accents{};  ///< strip_accents; as is_lower_case where it is not said
  bool splits_chinese = true;            ///< tokenize_chinese_chars
};

/// Of a tokenizer.json of Hugging Face's tokenizers: the models Unigram, BPE over characters and WordPiece,
/// with what goes before and behind them in the files of SigLIP, Gemma and BERT. Its truncation and padding
/// are left out: they are the model's. Throws Error (kModel) that names the part that is not read, or what is
/// wrong with it.
///
/// `is_lower_case`: texts are put into lower case before the file's own normaliser, as transformers'
/// Siglip2Tokenizer does. `num_rows`: the model has embeddings of so many tokens. Added tokens beyond them,
/// such as T5's extra ids in files of SigLIP, are left out: a text has them as ordinary words. `bert`: in
/// place of what a BertNormalizer in the file says.
std::string compile_tokenizer_json(std::string_view text, const std::string& place,
                                   bool is_lower_case = false,
                                   std::int64_t num_rows = std::numeric_limits<std::int64_t>::max(),
                                   const std::optional<BertRules>& bert = {});

/// Of a BERT's vocab.txt, one piece a line, with BertTokenizer's special tokens. Throws likewise.
std::string compile_vocab_txt(std::string_view text, const BertRules& rules, const std::string& place);

}  // namespace clipcls
