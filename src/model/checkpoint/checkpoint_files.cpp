#include "checkpoint_files.h"

#include <set>
#include <system_error>

#include "clipcls/error.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// The shards that model.safetensors.index.json names. They lie beside it: a name with a folder in it is
/// refused.
std::vector<fs::path> read_index(const fs::path& path) {
  const nlohmann::json root = parse_json_file(path, ErrorKind::kModel, "check its permissions");
  const JsonFields map = JsonFields(root, path.string(), ErrorKind::kModel).object("weight_map");
  // A set, since the index names a file for each tensor.
  std::set<fs::path> shards;
  for (const auto& [tensor, file] : map.value().items()) {
    const fs::path name = file.is_string() ? fs::path(file.get<std::string>()) : fs::path();
    if (name.empty() || name != name.filename() || name == "." || name == "..") {
      map.fail(tensor, "is " + show_json(file) + ", not the name of a file beside it");
    }
    shards.insert(path.parent_path() / name);
  }
  if (shards.empty()) throw Error(ErrorKind::kModel, path.string() + ": field weight_map names no file");
  for (const fs::path& shard : shards) {
    if (!is_file(shard))
      throw Error(ErrorKind::kModel,
                  shard.string() + ": is missing, and " + path.filename().string() + " names it");
  }
  return {shards.begin(), shards.end()};
}

CheckpointFiles with_weights(const fs::path& file) {
  CheckpointFiles files;
  files.named = file;
  const bool is_index = file.string().ends_with(".index.json");
  files.weights = is_index ? read_index(file) : std::vector<fs::path>{file};
  const fs::path folder = file.parent_path();
  if (is_file(folder / "open_clip_config.json")) files.open_clip_config = folder / "open_clip_config.json";
  if (is_file(folder / "config.json")) files.transformers_config = folder / "config.json";
  return files;
}

/// Whether its config.json is that of a model folder and not of transformers.
bool is_model_folder(const fs::path& source) {
  const fs::path path = source / "config.json";
  const nlohmann::json root = parse_json_file(path, ErrorKind::kModel, "check its permissions");
  return JsonFields(root, path.string(), ErrorKind::kModel).has("format_version");
}

}  // namespace

CheckpointFiles find_checkpoint_files(const fs::path& source) {
  std::error_code ignored;
  if (!fs::exists(source, ignored)) throw Error(ErrorKind::kModel, source.string() + ": does not exist");
  if (!fs::is_directory(source, ignored)) return with_weights(source);
  // open_clip first: its folders on the hub often have a config.json for transformers as well. Safetensors
  // before pickles, which cost more care.
  const bool is_open_clip = is_file(source / "open_clip_config.json");
  if (is_open_clip) {
    for (const char* name : {"open_clip_model.safetensors", "open_clip_pytorch_model.safetensors",
                             "open_clip_pytorch_model.bin"}) {
      if (is_file(source / name)) return with_weights(source / name);
    }
  }
  if (is_file(source / "config.json")) {
    for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"}) {
      if (is_file(source / name)) return with_weights(source / name);
    }
  }
  if (is_file(source / "config.json") && is_model_folder(source)) {
    throw Error(ErrorKind::kModel,
                source.string() +
                    ": is a model folder already, and works as it is; import the checkpoint that it "
                    "was made of for a folder of today's format");
  }
  throw Error(
      ErrorKind::kModel,
      source.string() +
          ": is not a folder of a checkpoint; it would have a config.json and a model.safetensors, or an "
          "open_clip_config.json and an open_clip_model.safetensors");
}

}  // namespace clipcls
