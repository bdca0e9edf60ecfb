#include "model/model_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

// What model import, model fetch and scripts/export_torchscript.py write.
constexpr std::array<std::string_view, 19> kNames = {"config.json",
                                                     "image_encoder.pt",
                                                     "text_encoder.pt",
                                                     "reference.json",
                                                     "merges.txt",
                                                     "tokenizer.bin",
                                                     "open_clip_config.json",
                                                     "preprocessor_config.json",
                                                     "tokenizer_config.json",
                                                     "special_tokens_map.json",
                                                     "tokenizer.json",
                                                     "vocab.json",
                                                     "vocab.txt",
                                                     "open_clip_pytorch_model.bin",
                                                     "pytorch_model.bin",
                                                     "spiece.model",
                                                     "tokenizer.model",
                                                     "processor_config.json",
                                                     "model.safetensors.index.json"};
constexpr std::string_view kZipMagic = "PK\x03\x04";

bool is_model_file(const fs::directory_entry& entry) {
  std::error_code ignored;
  // A link counts as foreign, so that a folder with one in it is never replaced.
  if (!fs::is_regular_file(entry.symlink_status(ignored))) return false;
  const std::string name = entry.path().filename().string();
  return name.ends_with(".safetensors") || std::ranges::find(kNames, name) != kNames.end();
}

/// Throws Error (kOutput): what cannot be seen is not taken for nothing.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> found;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) found.push_back(*entries);
  if (error) throw Error(ErrorKind::kOutput, folder.string() + ": cannot be listed: " + error.message());
  return found;
}

}  // namespace

std::vector<fs::path> files_of_model(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (is_model_file(entry)) files.push_back(entry.path());
  }
  return files;
}

std::string foreign_entry(const fs::path& folder) {
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (!is_model_file(entry)) return entry.path().filename().string();
  }
  return "";
}

bool has_model_config(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "config.json", ignored) || fs::exists(folder / "open_clip_config.json", ignored);
}

bool is_model_archive(const fs::path& file) {
  std::error_code error;
  // An empty file holds nothing that could be lost.
  if (fs::file_size(file, error) == 0 && !error) return true;
  std::string begin(kZipMagic.size(), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return file.extension() == ".pt" && stream && begin == kZipMagic;
}

}  // namespace clipcls
