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

/// A file of weights whose name and repository do not say what it is.
struct NamedWeights {
  std::string file;           ///< a plain file name
  std::string configuration;  ///< open_clip's, for open_clip_config.json
};

/// Downloads the files of a CLIP from BASE/OWNER/NAME/resolve/REVISION/FILE into `folder`, which exists:
/// open_clip_config.json and open_clip_model.safetensors, else config.json and model.safetensors or the parts
/// that model.safetensors.index.json names, and in place of either safetensors file the .bin that it was made
/// of; what there is of the tokenizer and the preprocessing; and README.md, which has the licence and is not
/// among `files`. `base` is "https://huggingface.co" or a mirror of it. Throws Error (kFetch) also where the
/// repository has no such weights.
HubModel download_hub_model(const HubReference& reference, const std::string& base,
                            const std::filesystem::path& folder, const DownloadOptions& options);

/// The same of a repository that holds weights alone: downloads `weights.file` and writes its configuration
/// beside it.
HubModel download_hub_weights(const HubReference& reference, const std::string& base,
                              const std::filesystem::path& folder, const NamedWeights& weights,
                              const DownloadOptions& options);

}  // namespace clipcls
