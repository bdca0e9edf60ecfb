#include "model/load_tokenizer.h"

#include <system_error>

#include "clipcls/error.h"
#include "files/mapped_file.h"
#include "files/read_file.h"

namespace clipcls {

namespace {

/// Of `path`, a tokenizer.bin or merges.txt; both readers know a text and no file.
Tokenizer load_vocabulary(const std::filesystem::path& path, const TextConfig& text) {
  try {
    if (!text.cleaning) return Tokenizer(read_file(path, ErrorKind::kModel));
    // A reader of the file would copy megabytes, of which a run needs a few pages.
    const auto file = std::make_shared<MappedFile>(path, MappedFile::Access::kRead, ErrorKind::kModel);
    return Tokenizer::of_bytes(file->text(), file, *text.cleaning);
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(path.string())) throw;
    throw Error(error.kind(), path.string() + ": " + error.what());
  }
}

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& model, const TextConfig& text) {
  const std::filesystem::path file = text.cleaning ? "tokenizer.bin" : "merges.txt";
  const std::filesystem::path path = model / file;  // not there where the model is an archive
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(model, ignored);
  const bool has_own = text.cleaning || std::filesystem::exists(path, ignored);
  Tokenizer tokenizer = has_own ? load_vocabulary(path, text) : Tokenizer();
  const std::string vocabulary = has_own     ? file.string() + " gives "
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
