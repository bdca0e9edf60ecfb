#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "checkpoint_config.h"

namespace clipcls {

/// A tokenizer of Hugging Face's as a model folder has it.
struct ImportedTokenizer {
  std::string bytes;      ///< of tokenizer.bin
  TextCleaning cleaning;  ///< what comes before it
  std::int64_t vocab_size = 0;
  std::int64_t sot_token_id = 0;
  std::int64_t eot_token_id = 0;
  std::int64_t pad_token_id = 0;
  std::int64_t max_length = 0;  ///< to which its library cuts a text; 0: it does not
};

/// Reads the tokenizer.json or vocab.txt in `folder`, with what the tokenizer_config.json beside it says.
/// `num_rows`: of the model's token embedding, which every id has to be in. Throws Error (kModel) that names
/// the file, and the part that is not read.
ImportedTokenizer import_tokenizer(const std::filesystem::path& folder, const TextRules& rules,
                                   std::int64_t num_rows);

}  // namespace clipcls
