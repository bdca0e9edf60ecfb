#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace clipcls {

// Published vocabularies become a tokenizer.bin, which Tokenizer opens where it is mapped. `place` stands
// before errors: the file that is read.

/// Of a tokenizer.json of Hugging Face's tokenizers: the models Unigram, BPE over characters and WordPiece,
/// with what goes before and behind them in the files of SigLIP, Gemma and BERT. Its truncation and padding
/// are left out: they are the model's. Throws Error (kModel) that names the part that is not read, or what is
/// wrong with it.
///
/// `is_lower_case`: texts are put into lower case before the file's own normaliser, as transformers'
/// Siglip2Tokenizer does. `num_rows`: the model has embeddings of so many tokens. Added tokens beyond them,
/// such as T5's extra ids in files of SigLIP, are left out: a text has them as ordinary words.
std::string compile_tokenizer_json(std::string_view text, const std::string& place,
                                   bool is_lower_case = false,
                                   std::int64_t num_rows = std::numeric_limits<std::int64_t>::max());

/// Of a BERT's vocab.txt, one piece a line, with BertTokenizer's special tokens. `is_lower_case`: its
/// do_lower_case. Throws likewise.
std::string compile_vocab_txt(std::string_view text, bool is_lower_case, const std::string& place);

}  // namespace clipcls
