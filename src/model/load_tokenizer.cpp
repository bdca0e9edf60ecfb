#include "model/load_tokenizer.h"

#include <system_error>

#include "clipcls/error.h"
#include "files/read_file.h"

namespace clipcls {

Tokenizer load_tokenizer(const std::filesystem::path& model, const TextConfig& text) {
  const std::filesystem::path path = model / "merges.txt";  // not there where the model is an archive
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(model, ignored);
  const bool has_merges = std::filesystem::exists(path, ignored);
  const auto load = [&]() -> Tokenizer {
    if (!has_merges) return Tokenizer();
    const std::string merges = read_file(path, ErrorKind::kModel);
    try {
      return Tokenizer(merges);
    } catch (const Error& error) {
      // The tokenizer knows a text and no file.
      throw Error(error.kind(), path.string() + ": " + error.what());
    }
  };
  Tokenizer tokenizer = load();
  const char* vocabulary = has_merges  ? "merges.txt gives "
                           : is_folder ? "CLIP's vocabulary (there is no merges.txt) has "
                                       : "CLIP's vocabulary has ";
  // The text encoder looks embeddings up by these ids. With another vocabulary it would give features of
  // other words, without an error.
  const auto require = [&](const char* field, std::int64_t expected, std::int64_t actual) {
    if (expected == actual) return;
    const std::string place =
        is_folder ? (model / "config.json").string() + ": field text." : model.string() + ": its ";
    throw Error(ErrorKind::kModel, place + field + " is " + std::to_string(expected) + ", and " + vocabulary +
                                       std::to_string(actual));
  };
  require("vocab_size", text.vocab_size, tokenizer.vocab_size());
  require("sot_token_id", text.sot_token_id, tokenizer.sot_token_id());
  require("eot_token_id", text.eot_token_id, tokenizer.eot_token_id());
  return tokenizer;
}

}  // namespace clipcls
