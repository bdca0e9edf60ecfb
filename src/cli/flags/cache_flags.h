#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "zero_shot/label_embedding_cache.h"

namespace clipcls {

class CommandDeclaration;

/// Where label embeddings are cached between runs.
struct CacheFlags {
  std::string folder;  ///< of --cache-dir; empty: see find_cache()
  std::uint64_t max_megabytes = 512;
  bool is_off = false;

  /// Adds --cache-dir, --cache-size and --no-cache.
  void add(CommandDeclaration& command);
  void add_folder(CommandDeclaration& command);
  void add_size(CommandDeclaration& command);
};

/// The cache in --cache-dir, else $CLIPCLS_CACHE_DIR, else $XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls.
/// Nothing with --no-cache, or where none of these is known.
std::optional<LabelEmbeddingCache> find_cache(const CacheFlags& flags);

/// The same for commands about it. Throws Error (kUsage) where no folder is known.
LabelEmbeddingCache require_cache(const CacheFlags& flags);

}  // namespace clipcls
