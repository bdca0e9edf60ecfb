#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fetch/download.h"
#include "fetch/model_catalogue.h"

namespace clipcls {

struct HubModel {
  DownloadEnd end = DownloadEnd::kComplete;  ///< never kMissing
  std::string revision;  ///< the commit that every file is of, where the server says it, else as asked for
  std::vector<std::string> files;  ///< names of those that are whole in the folder
};

/// Downloads the files of a CLIP from BASE/OWNER/NAME/resolve/REVISION/FILE into `folder`, which exists:
/// open_clip_config.json and open_clip_model.safetensors, else config.json and model.safetensors or the parts
/// that model.safetensors.index.json names, and in place of either safetensors file the .bin that it was made
/// of; what there is of the tokenizer and the preprocessing; and README.md, which has the licence and is not
/// among `files`. `base` is "https://huggingface.co" or a mirror of it. Throws Error (kFetch) also where the
/// repository has no such weights.
HubModel download_hub_model(const HubReference& reference, const std::string& base,
                            const std::filesystem::path& folder, const DownloadOptions& options);

}  // namespace clipcls
