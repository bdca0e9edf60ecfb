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

constexpr std::int64_t kMaxModelLength = 1 << 16;

/// A special token stands as a text, or as an object with its content.
std::string read_token(const JsonFields& fields, const std::string& name) {
  if (!fields.has(name)) return "";
  return fields.at(name).is_object() ? fields.object(name).text("content") : fields.text(name);
}

/// What is used of tokenizer_config.json, which need not be there.
struct TokenizerConfig {
  std::string class_name;
  std::string pad_token;
  BertRules bert;  ///< is_lower_case: of other classes as well
  std::int64_t max_length = 0;
};

/// Texts are cut and filled up at their end.
void require_right(const JsonFields& fields, const std::string& name) {
  if (!fields.has(name) || fields.text(name) == "right") return;
  fields.fail(name, "is " + show_json(fields.at(name)) + ", not \"right\", which is not imported");
}

TokenizerConfig read_tokenizer_config(const fs::path& path) {
  TokenizerConfig config;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return config;
  const nlohmann::json root = parse_json_file(path, ErrorKind::kModel, "check its permissions");
  const JsonFields fields(root, path.string(), ErrorKind::kModel);
  config.class_name = fields.optional_text("tokenizer_class");
  if (config.class_name.ends_with("Fast")) config.class_name.resize(config.class_name.size() - 4);
  config.pad_token = read_token(fields, "pad_token");
  // A number beyond all sense stands there where there is no limit.
  const auto is_length = [](const nlohmann::json& value) {
    return value.is_number_unsigned() && value >= 2 && value <= kMaxModelLength;
  };
  if (fields.has("model_max_length") && is_length(fields.at("model_max_length")))
    config.max_length = fields.at("model_max_length").get<std::int64_t>();
  config.bert.is_lower_case = fields.boolean_or("do_lower_case", true);
  if (fields.has("strip_accents")) config.bert.strips_accents = fields.boolean_or("strip_accents", true);
  config.bert.splits_chinese = fields.boolean_or("tokenize_chinese_chars", true);
  require_right(fields, "padding_side");
  require_right(fields, "truncation_side");
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

/// A tokenizer.json, or the vocab.txt of a BERT.
fs::path require_tokenizer(const fs::path& folder) {
  const fs::path path = folder / "tokenizer.json";
  std::error_code ignored;
  for (const char* name : {"tokenizer.json", "vocab.txt"}) {
    if (fs::is_regular_file(folder / name, ignored)) return folder / name;
  }
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
  const fs::path path = require_tokenizer(folder);
  const TokenizerConfig config = read_tokenizer_config(folder / "tokenizer_config.json");
  ImportedTokenizer imported;
  imported.cleaning = rules.cleaning;
  const std::string text = read_file(path, ErrorKind::kModel);
  bool is_lowered = false;
  // Siglip2Tokenizer has no do_lower_case.
  if (rules.is_siglip && (config.bert.is_lower_case || config.class_name == "Siglip2Tokenizer")) {
    // SigLIP 2's texts become lower case and no more; SigLIP's lose their punctuation, too.
    is_lowered = has_byte_pairs(config, text, path);
    if (!is_lowered) imported.cleaning = TextCleaning::kSiglip;
  }
  const bool is_vocabulary = path.extension() == ".txt";
  // BertTokenizer is the class where none is named and the file is a BERT's.
  const bool is_bert = config.class_name.empty() || config.class_name == "BertTokenizer";
  const auto bytes = std::make_shared<const std::string>(
      is_vocabulary ? compile_vocab_txt(text, config.bert, path.string())
                    : compile_tokenizer_json(text, path.string(), is_lowered, num_rows,
                                             is_bert ? std::optional(config.bert) : std::nullopt));
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
  imported.max_length = config.max_length;
  imported.bytes = *bytes;
  return imported;
}

}  // namespace clipcls
