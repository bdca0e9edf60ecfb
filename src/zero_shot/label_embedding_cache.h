#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "model/clip_model.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {

/// The name under which the zero-shot weights of these labels are kept: a 128-bit checksum, as 32 hexadecimal
/// digits, of the model's text_fingerprint and precision, the tokenizer's version and every prompt in order,
/// `prompts`: [num_labels].
/// Nothing where the model has no text_fingerprint.
std::optional<std::string> label_embedding_key(const ClipModel& model,
                                               std::span<const std::vector<std::string>> prompts);

/// Where embeddings of labels are kept unless it is said: $CLIPCLS_CACHE_DIR, else $XDG_CACHE_HOME/clipcls,
/// else ~/.cache/clipcls. Empty where none of these is known.
std::filesystem::path default_cache_folder();

/// A folder of zero-shot weights, one file a key, so that labels are embedded once and not at every start.
///
/// Several processes may use one folder at once: a file is written under another name and then renamed, so
/// that a reader sees it whole or not at all. What is damaged, of another version or not of its key counts as
/// absent. Nothing here throws on account of files: a cache that cannot be used is a slower run, not an
/// error.
class LabelEmbeddingCache {
 public:
  static constexpr std::uint64_t kDefaultMaxBytes = std::uint64_t{512} << 20;

  /// `folder` need not exist; it is made at the first write. Above `max_bytes` the least recently used
  /// entries are removed.
  explicit LabelEmbeddingCache(std::filesystem::path folder, std::uint64_t max_bytes = kDefaultMaxBytes);

  struct Found {
    std::optional<ZeroShotWeights> weights;
    std::string problem;  ///< why an entry that is there cannot be used; empty: there is none
  };

  /// The weights under `key`, which must be [num_labels, embed_dim]; marks them as used now.
  Found find(const std::string& key, std::size_t num_labels, std::size_t embed_dim) const;

  /// Keeps `weights` under `key` and then makes room. Returns why that failed; empty: it did not.
  std::string store(const std::string& key, const ZeroShotWeights& weights) const;

  struct Usage {
    std::size_t num_entries = 0;
    std::uint64_t num_bytes = 0;
  };

  Usage usage() const;

  /// Removes the entries, and nothing else that lies in the folder. Returns what was removed.
  Usage clear() const;

  const std::filesystem::path& folder() const { return folder_; }
  std::uint64_t max_bytes() const { return max_bytes_; }

 private:
  void make_room(const std::string& newest) const;

  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

}  // namespace clipcls
