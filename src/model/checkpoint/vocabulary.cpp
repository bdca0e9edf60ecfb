// A wrong vocabulary gives no error, only wrong features: so what lies beside the weights is compared with
// what CLIP's tokenizer would make of it.
#include "model/checkpoint/vocabulary.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "clipcls/error.h"
#include "files/read_file.h"
#include "json/parse_json.h"
#include "json/write_json.h"
#include "text/tokenizer.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// 256 bytes, and each once more with "</w>" at the end of a word.
constexpr std::int64_t kNumByteSymbols = 512;
constexpr int kMaxVocabularyDepth = 64;

[[noreturn]] void fail_vocabulary(const fs::path& file, const std::string& problem) {
  throw Error(ErrorKind::kModel, file.string() + ": " + problem);
}

bool is_vocabulary_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

json read_json(const fs::path& path) { return parse_json_file(path, ErrorKind::kModel, ""); }

/// A merges file and what the same vocabulary says of ids; either may be missing.
struct Vocabulary {
  fs::path file;  ///< what errors name
  std::string merges_text;
  json ids;  ///< token to id, or null
};

/// tokenizer.json has a list of merges, each "left right" or ["left", "right"].
Vocabulary read_tokenizer_json(const fs::path& path) {
  const json root = read_json(path);
  const json model = root.is_object() ? root.value("model", json()) : json();
  if (!model.is_object() || model.value("type", json()) != "BPE" ||
      !model.value("merges", json()).is_array()) {
    fail_vocabulary(path, "is not a byte-pair encoding like CLIP's, which is not imported");
  }
  // The merges reader wants the line that merges.txt begins with.
  std::string merges = "#version: of tokenizer.json\n";
  for (const json& merge : model["merges"]) {
    const bool is_pair =
        merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
    if (!is_pair && !merge.is_string())
      fail_vocabulary(path, "has a merge " + show_json(merge) + ", expected two symbols");
    merges +=
        is_pair ? merge[0].get<std::string>() + " " + merge[1].get<std::string>() : merge.get<std::string>();
    merges += '\n';
  }
  return {path, merges, model.value("vocab", json())};
}

/// Where the vocabulary of `source` would lie; nothing where that is not known.
std::optional<fs::path> vocabulary_folder(const fs::path& source) {
  std::error_code ignored;
  if (fs::is_directory(source, ignored)) return source;
  // A .pt lies among other downloads: what is beside it need not belong to it.
  const fs::path type = source.extension();
  if (type != ".safetensors" && type != ".json" && type != ".bin") return std::nullopt;
  return source.parent_path();
}

/// Of the same vocabulary, other classes of transformers than CLIPTokenizer make other ids.
void check_tokenizer_class(const fs::path& folder) {
  const fs::path path = folder / "tokenizer_config.json";
  // open_clip does not look at it.
  if (is_vocabulary_file(folder / "open_clip_config.json") || !is_vocabulary_file(path)) return;
  const json root = read_json(path);
  const json name = root.is_object() ? root.value("tokenizer_class", json()) : json();
  if (name.is_null() || name == "CLIPTokenizer" || name == "CLIPTokenizerFast") return;
  if (name != "PreTrainedTokenizerFast" && name != "TokenizersBackend")
    fail_vocabulary(path, "field tokenizer_class is " + show_json(name) + ", not \"CLIPTokenizer\"" +
                              ", which is not imported");
  // These two do what tokenizer.json says.
  const fs::path file = folder / "tokenizer.json";
  const json tokenizer = is_vocabulary_file(file) ? read_json(file) : json();
  if (!tokenizer.is_object()) return;
  const std::string normalizer = tokenizer.value("normalizer", json()).dump();
  if (normalizer.find("\"Lowercase\"") == std::string::npos)
    fail_vocabulary(file, "has a normalizer that leaves upper case as it is, which is not imported");
  if (tokenizer.value("post_processor", json()).is_null())
    fail_vocabulary(file, "has no post_processor that adds the start and end token, which is not imported");
}

Vocabulary find_vocabulary(const fs::path& source) {
  const std::optional<fs::path> known = vocabulary_folder(source);
  if (!known) return {};
  const fs::path& folder = *known;
  check_tokenizer_class(folder);
  if (is_vocabulary_file(folder / "merges.txt")) {
    const fs::path ids = folder / "vocab.json";
    return {folder / "merges.txt", read_file(folder / "merges.txt", ErrorKind::kModel),
            is_vocabulary_file(ids) ? read_json(ids) : json()};
  }
  if (is_vocabulary_file(folder / "tokenizer.json")) return read_tokenizer_json(folder / "tokenizer.json");
  return {};
}

/// The symbols that the merges build have ids in the order of the lines; the last two are start and end.
void check_ids(const Vocabulary& vocabulary, std::int64_t vocab_size) {
  // A merges.txt alone says nothing of ids.
  if (!vocabulary.ids.is_object()) return;
  const auto require = [&](const std::string& token, std::int64_t id) {
    const auto found = vocabulary.ids.find(token);
    if (found != vocabulary.ids.end() && *found == id) return;
    fail_vocabulary(vocabulary.file,
                    "comes with an id of " + (found == vocabulary.ids.end() ? "none" : show_json(*found)) +
                        " for \"" + token + "\", and CLIP's tokenizer would give " + std::to_string(id));
  };
  std::istringstream lines(vocabulary.merges_text);
  std::string left;
  std::string right;
  std::getline(lines, left);  // the version
  for (std::int64_t id = kNumByteSymbols; lines >> left >> right; ++id) require(left + right, id);
  // The first byte symbol, and the first one at the end of a word: samples of the order of bytes.
  require("!", 0);
  require("!</w>", kNumByteSymbols / 2);
  require("<|startoftext|>", vocab_size - 2);
  require("<|endoftext|>", vocab_size - 1);
}

}  // namespace

std::string import_vocabulary(const fs::path& source, std::int64_t vocab_size) {
  const Vocabulary vocabulary = find_vocabulary(source);
  const bool has_own = !vocabulary.merges_text.empty();
  Tokenizer tokenizer;
  bool is_clips = !has_own;
  if (has_own) {
    try {
      Tokenizer own(vocabulary.merges_text);
      is_clips = own == tokenizer;
      tokenizer = std::move(own);
    } catch (const Error& error) {
      fail_vocabulary(vocabulary.file, error.what());
    }
  }
  if (tokenizer.vocab_size() != vocab_size) {
    fail_vocabulary(
        has_own ? vocabulary.file : source,
        "the model has " + std::to_string(vocab_size) + " token embeddings, and " +
            (has_own ? "this vocabulary" : "CLIP's vocabulary (there is no merges.txt beside it)") + " has " +
            std::to_string(tokenizer.vocab_size()) + " tokens");
  }
  if (has_own) check_ids(vocabulary, vocab_size);
  // CLIP's own merges are compiled into the program and need no file.
  return is_clips ? std::string() : vocabulary.merges_text;
}

}  // namespace clipcls
