#include "tokenizer_files.h"

#include <memory>
#include <optional>
#include <system_error>

#include "clipcls/error.h"
#include "files/read_file.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "json/write_json.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// A special token stands as a text, or as an object with its content.
std::string read_token(const JsonFields& fields, const std::string& name) {
  if (!fields.has(name)) return "";
  return fields.at(name).is_object() ? fields.object(name).text("content") : fields.text(name);
}

/// What is used of tokenizer_config.json, which need not be there.
struct TokenizerConfig {
  std::string class_name;
  std::string pad_token;
  bool is_lower_case = true;
  std::optional<TokenizerChanges::Ends> ends;
};

TokenizerConfig read_tokenizer_config(const fs::path& path) {
  TokenizerConfig config;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return config;
  const nlohmann::json root = parse_json_file(path, ErrorKind::kModel, "check its permissions");
  const JsonFields fields(root, path.string(), ErrorKind::kModel);
  config.class_name = fields.optional_text("tokenizer_class");
  if (config.class_name.ends_with("Fast")) config.class_name.resize(config.class_name.size() - 4);
  config.pad_token = read_token(fields, "pad_token");
  config.is_lower_case = fields.boolean_or("do_lower_case", true);
  // Where either stands there, transformers makes the template anew.
  if (fields.has("add_bos_token") || fields.has("add_eos_token")) {
    config.ends.emplace();
    if (fields.boolean_or("add_bos_token", false)) config.ends->before = read_token(fields, "bos_token");
    if (fields.boolean_or("add_eos_token", false)) config.ends->behind = read_token(fields, "eos_token");
  }
  return config;
}

/// The id that `token` has in a text of its own, without those around it.
std::optional<std::int64_t> find_id(const Tokenizer& tokenizer, const std::string& token) {
  const std::vector<std::int64_t> around = tokenizer.tokenize("").token_ids;
  const std::vector<std::int64_t> ids = tokenizer.tokenize(token).token_ids;
  if (ids.size() != around.size() + 1) return std::nullopt;
  std::size_t place = 0;
  while (place < around.size() && ids[place] == around[place]) ++place;
  return ids[place];
}

std::int64_t find_pad_id(const Tokenizer& tokenizer, const TokenizerConfig& config, const fs::path& path) {
  // The defaults of the classes.
  std::vector<std::string> candidates = {"<pad>", "[PAD]"};
  if (config.class_name == "SiglipTokenizer") candidates = {"</s>"};
  if (!config.pad_token.empty()) candidates = {config.pad_token};
  for (const std::string& token : candidates) {
    if (const auto id = find_id(tokenizer, token)) return *id;
  }
  throw Error(ErrorKind::kModel, path.string() + ": has no token " +
                                     show_json(nlohmann::json(candidates.front())) +
                                     ", which fills short texts up");
}

/// Whether its pieces are Gemma's, as SigLIP 2's are; SigLIP's own are sentencepiece's unigrams.
bool has_byte_pairs(const TokenizerConfig& config, std::string_view text, const fs::path& path) {
  if (config.class_name == "GemmaTokenizer" || config.class_name == "Siglip2Tokenizer") return true;
  if (config.class_name == "SiglipTokenizer") return false;
  const nlohmann::json root = parse_json(text, path.string(), ErrorKind::kModel);
  const JsonFields fields(root, path.string(), ErrorKind::kModel);
  return fields.object("model").text("type") == "BPE";
}

fs::path require_tokenizer_json(const fs::path& folder) {
  const fs::path path = folder / "tokenizer.json";
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return path;
  const bool has_pieces =
      fs::exists(folder / "spiece.model", ignored) || fs::exists(folder / "tokenizer.model", ignored);
  throw Error(ErrorKind::kModel,
              path.string() + ": is missing, and the model's texts need it" +
                  (has_pieces ? "; a file of sentencepiece's is not read, and AutoTokenizer of transformers "
                                "can make a tokenizer.json of it"
                              : ""));
}

}  // namespace

ImportedTokenizer import_tokenizer(const fs::path& folder, const TextRules& rules, std::int64_t num_rows) {
  const fs::path path = require_tokenizer_json(folder);
  const TokenizerConfig config = read_tokenizer_config(folder / "tokenizer_config.json");
  TokenizerChanges changes;
  changes.ends = config.ends;
  ImportedTokenizer imported;
  imported.cleaning = rules.cleaning;
  const std::string text = read_file(path, ErrorKind::kModel);
  if (rules.is_siglip && config.is_lower_case) {
    // SigLIP 2's texts become lower case and no more; SigLIP's lose their punctuation, too.
    changes.is_lower_case = has_byte_pairs(config, text, path);
    if (!changes.is_lower_case) imported.cleaning = TextCleaning::kSiglip;
  }
  const auto bytes =
      std::make_shared<const std::string>(compile_tokenizer_json(text, path.string(), changes));
  const Tokenizer tokenizer = Tokenizer::of_bytes(*bytes, bytes);
  imported.vocab_size = tokenizer.vocab_size();
  if (imported.vocab_size > num_rows) {
    throw Error(ErrorKind::kModel, path.string() + ": has " + std::to_string(imported.vocab_size) +
                                       " tokens, and the model has embeddings of " +
                                       std::to_string(num_rows));
  }
  imported.sot_token_id = tokenizer.sot_token_id();
  imported.eot_token_id = tokenizer.eot_token_id();
  imported.pad_token_id = find_pad_id(tokenizer, config, path);
  imported.bytes = *bytes;
  return imported;
}

}  // namespace clipcls
