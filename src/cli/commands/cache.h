#pragma once

#include <optional>

#include "cli/flags/cache_options.h"
#include "clipcls/zero_shot/label_embedding_cache.h"

namespace clipcls {

/// The cache in --cache-dir, else $CLIPCLS_CACHE_DIR, else $XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls.
/// Nothing with --no-cache, or where none of these is known.
std::optional<LabelEmbeddingCache> find_cache(const CacheOptions& options);

/// Prints what the cache holds. Returns the exit code. Throws Error (kUsage) when no folder is known.
int cache_info(const CacheInfoOptions& options);

/// Removes the cache's entries and says how many. Returns the exit code. Throws as cache_info.
int cache_clear(const CacheClearOptions& options);

}  // namespace clipcls
