// A repository of the hub holds a model in open_clip's form, in transformers', or in both. Files are asked
// for one by one at /OWNER/NAME/resolve/REVISION/FILE, and a 404 says that one is not there: no list of
// files is needed.
#include "fetch/hub_model.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/atomic_file.h"

namespace clipcls {
namespace {

constexpr const char* kOpenClipConfig = "open_clip_config.json";
constexpr const char* kOpenClipWeights = "open_clip_model.safetensors";
constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.safetensors";
// Read without running anything; asked for where there are no safetensors.
constexpr const char* kOpenClipPickle = "open_clip_pytorch_model.bin";
constexpr const char* kPickle = "pytorch_model.bin";
constexpr const char* kWeightsIndex = "model.safetensors.index.json";
// The vocabulary and the preprocessing. A repository need not have all of them.
constexpr const char* kOptionalFiles[] = {"preprocessor_config.json",
                                          "processor_config.json",
                                          "tokenizer_config.json",
                                          "special_tokens_map.json",
                                          "tokenizer.json",
                                          "vocab.json",
                                          "vocab.txt",
                                          "merges.txt"};
constexpr std::size_t kCommitDigits = 40;

/// Thrown inside this file, from any depth, when the caller wants no more.
struct Stopped {};

/// The names come from the network and become paths: nothing but a plain file name passes.
bool is_plain_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return name.size() <= 200 && std::ranges::all_of(name, is_plain) && !name.starts_with('.') &&
         name.ends_with(".safetensors");
}

std::set<std::string> read_shard_names(const std::filesystem::path& index, const std::string& url) {
  std::ifstream file(index, std::ios::binary);
  const nlohmann::json document = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto fail = [&](const std::string& problem) { throw Error(ErrorKind::kFetch, url + ": " + problem); };
  if (!document.is_object() || !document.contains("weight_map") || !document["weight_map"].is_object() ||
      document["weight_map"].empty()) {
    fail("has no weight_map, an object that names a file for each tensor");
  }
  std::set<std::string> names;
  for (const auto& item : document["weight_map"]) {
    // What is no text may be nested so deeply that showing it would be too deep a recursion.
    const std::string name = item.is_string() ? item.get<std::string>() : item.type_name();
    if (!is_plain_name(name))
      fail("weight_map names \"" + name + "\", which is not a .safetensors file beside it");
    names.insert(name);
  }
  return names;
}

class HubDownload {
 public:
  HubDownload(const HubReference& reference, std::string base, std::filesystem::path folder,
              const DownloadOptions& options)
      : repository_(std::move(base) + "/" + reference.owner + "/" + reference.name),
        revision_(reference.revision),
        folder_(std::move(folder)),
        options_(options) {}

  void get_published() {
    // open_clip first, as its repositories may have files for transformers besides.
    if (!get_open_clip() && !get_transformers()) {
      throw Error(ErrorKind::kFetch, repository_ + ": has neither " + kOpenClipConfig + " with " +
                                         kOpenClipWeights + " nor " + kConfig + " with " + kWeights +
                                         " at revision " + revision_ + ", nor their " + kOpenClipPickle +
                                         " or " + kPickle);
    }
    // A file that is not there is no error here.
    for (const char* file : kOptionalFiles) get(file);
    get_card();
  }

  void get_weights(const NamedWeights& weights) {
    if (!get(weights.file)) {
      throw Error(ErrorKind::kFetch, url_of(weights.file) + ": does not exist; its repository has changed");
    }
    write_file(folder_ / kOpenClipConfig, weights.configuration, Links::kReplaced);
    files_.emplace_back(kOpenClipConfig);
    get_card();
  }

  const std::string& revision() const { return revision_; }
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::string url_of(const std::string& file) const {
    std::string revision;  // one part of the path: its slashes are escaped
    for (const char character : revision_) revision += character == '/' ? "%2F" : std::string(1, character);
    return repository_ + "/resolve/" + revision + "/" + file;
  }

  /// False: the repository has no such file.
  bool get(const std::string& file) {
    const DownloadResult result = download_file(url_of(file), folder_ / file, "", options_);
    if (result.end == DownloadEnd::kStopped) throw Stopped();
    // A branch may move on while its files are downloaded: from the first file on, all are of one commit.
    const bool is_commit = result.commit.size() == kCommitDigits &&
                           result.commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_commit) revision_ = result.commit;
    if (result.end != DownloadEnd::kComplete) return false;
    files_.push_back(file);
    return true;
  }

  /// The import reads the licence from it; it is no part of a model.
  void get_card() {
    if (get("README.md")) files_.pop_back();
  }

  bool get_open_clip() {
    if (!get(kOpenClipConfig)) return false;
    if (get(kOpenClipWeights) || get(kOpenClipPickle)) return true;
    std::error_code ignored;  // alone it would make the folder look like open_clip's
    std::filesystem::remove(folder_ / kOpenClipConfig, ignored);
    files_.pop_back();
    return false;
  }

  bool get_transformers() {
    if (!get(kConfig)) return false;
    if (get(kWeights)) return true;
    if (!get(kWeightsIndex)) return get(kPickle);
    for (const std::string& shard : read_shard_names(folder_ / kWeightsIndex, url_of(kWeightsIndex))) {
      if (!get(shard)) {
        throw Error(ErrorKind::kFetch,
                    url_of(shard) + ": does not exist, and " + kWeightsIndex + " names it");
      }
    }
    return true;
  }

  std::string repository_;
  std::string revision_;
  std::filesystem::path folder_;
  std::vector<std::string> files_;
  const DownloadOptions& options_;
};

HubModel result_of(const HubDownload& download, const std::function<void()>& get) {
  HubModel model;
  try {
    get();
  } catch (const Stopped&) {
    model.end = DownloadEnd::kStopped;
  }
  model.revision = download.revision();
  model.files = download.files();
  return model;
}

}  // namespace

HubModel download_hub_model(const HubReference& reference, const std::string& base,
                            const std::filesystem::path& folder, const DownloadOptions& options) {
  HubDownload download(reference, base, folder, options);
  return result_of(download, [&] { download.get_published(); });
}

HubModel download_hub_weights(const HubReference& reference, const std::string& base,
                              const std::filesystem::path& folder, const NamedWeights& weights,
                              const DownloadOptions& options) {
  HubDownload download(reference, base, folder, options);
  return result_of(download, [&] { download.get_weights(weights); });
}

}  // namespace clipcls
