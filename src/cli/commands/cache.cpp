#include "cli/commands/cache.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path cache_folder(const CacheOptions& options) {
  if (!options.folder.empty()) return options.folder;
  if (const std::string folder = environment("CLIPCLS_CACHE_DIR"); !folder.empty()) return folder;
  // The XDG specification has relative paths ignored.
  if (const std::filesystem::path folder = environment("XDG_CACHE_HOME"); folder.is_absolute())
    return folder / "clipcls";
  if (const std::filesystem::path home = environment("HOME"); home.is_absolute())
    return home / ".cache" / "clipcls";
  return {};
}

LabelEmbeddingCache require_cache(const CacheOptions& options) {
  const auto cache = find_cache(options);
  if (cache) return *cache;
  throw Error(ErrorKind::kUsage,
              "no cache folder is known: HOME is not set; give --cache-dir, or set CLIPCLS_CACHE_DIR");
}

}  // namespace

std::optional<LabelEmbeddingCache> find_cache(const CacheOptions& options) {
  const std::filesystem::path folder = cache_folder(options);
  if (options.is_off || folder.empty()) return std::nullopt;
  return LabelEmbeddingCache(folder, options.max_megabytes << 20U);
}

int cache_info(const CacheInfoOptions& options) {
  const LabelEmbeddingCache cache = require_cache(options.cache);
  const LabelEmbeddingCache::Usage usage = cache.usage();
  OutputFile output;
  if (options.is_json) {
    const nlohmann::ordered_json info = {{"folder", cache.folder().string()},
                                         {"num_entries", usage.num_entries},
                                         {"num_bytes", usage.num_bytes},
                                         {"max_bytes", cache.max_bytes()}};
    output.stream() << info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    output.stream() << "folder:  " << printable(cache.folder().string()) << "\nentries: " << usage.num_entries
                    << "\nbytes:   " << usage.num_bytes << "\nlimit:   " << cache.max_bytes() << '\n';
  }
  output.check();
  return 0;
}

int cache_clear(const CacheClearOptions& options) {
  const LabelEmbeddingCache cache = require_cache(options.cache);
  const LabelEmbeddingCache::Usage removed = cache.clear();
  OutputFile output;
  output.stream() << "removed " << removed.num_entries << " entries (" << removed.num_bytes << " bytes) from "
                  << printable(cache.folder().string()) << '\n';
  output.check();
  return 0;
}

}  // namespace clipcls
