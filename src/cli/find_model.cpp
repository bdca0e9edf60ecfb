#include "cli/find_model.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/model_folders.h"
#include "clipcls/error.h"
#include "clipcls/fetch/model_catalogue.h"
#include "clipcls/model/openai_archive.h"
#include "clipcls/model/torchscript_model.h"

namespace clipcls {
namespace {

constexpr const char* kEmbeddedModel = "pictogram";

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// One line for a model that is nowhere: where it was looked for, what there is, and how to get it.
[[noreturn]] void fail_not_found(const std::string& model) {
  const bool is_name = !model_folder_name(model).empty();
  std::string message = model + ": no such model";
  if (is_name) {
    message += ": no such path, and none of that name in";
    const char* separator = " ";
    for (const ModelsFolder& folder : models_folders()) {
      message += separator + folder.path.string();
      separator = ", ";
    }
  }
  if (find_published_model(model) != nullptr || is_hub_reference(model)) {
    message += "; clipcls model fetch " + model + " gets it";
  } else {
    std::string names;
    for (const NamedModel& known : list_named_models()) names += (names.empty() ? "" : ", ") + known.name;
    message += is_name && !names.empty() ? ", which have " + names : "";
    message += "; a model is a name, a model folder (models/README.md), or one of OpenAI's .pt files";
  }
  throw Error(ErrorKind::kModel, message);
}

}  // namespace

std::filesystem::path find_model(const std::string& model) {
  std::string name = model;
  const char* variable = std::getenv("CLIPCLS_MODEL");
  if (name.empty() && variable != nullptr) name = variable;
  if (name.empty()) return own_models_folder().path / kEmbeddedModel;
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return name;
  if (const auto known = find_named_model(name)) return known->path;
  fail_not_found(name);
}

std::filesystem::path find_model_folder(const std::string& model) {
  std::filesystem::path folder = find_model(model);
  if (!is_folder(folder)) {
    throw Error(ErrorKind::kModel,
                folder.string() + ": is a file, not a model folder; scripts/export_torchscript.py makes one");
  }
  return folder;
}

std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options) {
  return is_folder(model) ? load_torchscript_model(model, options) : load_openai_archive(model, options);
}

std::string describe_precision(const ClipModel& model) {
  const std::string automatic(precision_name(automatic_precision()));
  const std::string note = model.precision_note();
  return "precision " + model.precision() + (note.empty() ? "" : ", " + note) + " (auto is " + automatic +
         ": this processor " + (has_bfloat16_hardware() ? "multiplies" : "does not multiply") +
         " bfloat16 in hardware)";
}

std::string describe_encoder(const EncoderState& encoder) {
  return "the " + encoder.name + (encoder.is_optimized ? " runs optimised: " : " does not run optimised: ") +
         encoder.details;
}

Tokenizer load_tokenizer(const std::filesystem::path& model, const TextConfig& text) {
  const std::filesystem::path path = model / "merges.txt";  // not there where the model is an archive
  std::error_code ignored;
  const bool has_merges = std::filesystem::exists(path, ignored);
  const auto load = [&]() -> Tokenizer {
    if (!has_merges) return Tokenizer();
    std::ifstream file(path, std::ios::binary);
    if (!file || !std::filesystem::is_regular_file(path, ignored))
      throw Error(ErrorKind::kModel, path.string() + ": cannot be read as a file; check its permissions");
    const std::string merges{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    try {
      return Tokenizer(merges);
    } catch (const Error& error) {
      throw Error(error.kind(), path.string() + ": " + error.what());
    }
  };
  Tokenizer tokenizer = load();
  const char* vocabulary = has_merges         ? "merges.txt gives "
                           : is_folder(model) ? "CLIP's vocabulary (there is no merges.txt) has "
                                              : "CLIP's vocabulary has ";
  const auto require = [&](const char* field, std::int64_t expected, std::int64_t actual) {
    if (expected == actual) return;
    const std::string place =
        is_folder(model) ? (model / "config.json").string() + ": field text." : model.string() + ": its ";
    throw Error(ErrorKind::kModel, place + field + " is " + std::to_string(expected) + ", and " + vocabulary +
                                       std::to_string(actual));
  };
  require("vocab_size", text.vocab_size, tokenizer.vocab_size());
  require("sot_token_id", text.sot_token_id, tokenizer.sot_token_id());
  require("eot_token_id", text.eot_token_id, tokenizer.eot_token_id());
  return tokenizer;
}

}  // namespace clipcls
