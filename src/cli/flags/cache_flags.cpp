#include "cli/flags/cache_flags.h"

#include <filesystem>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"

namespace clipcls {
void CacheFlags::add(CommandDeclaration& command) {
  add_folder(command);
  add_size(command);
  command.add_flag("--no-cache", is_off, "Neither read nor write cached label embeddings");
}

void CacheFlags::add_folder(CommandDeclaration& command) {
  command.group(kCacheGroup);
  command
      .add_option("--cache-dir", folder,
                  "Folder of cached label embeddings; default: $CLIPCLS_CACHE_DIR, else "
                  "$XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls")
      ->type_name("DIR");
}

void CacheFlags::add_size(CommandDeclaration& command) {
  command
      .add_number("--cache-size", max_megabytes, 1, 1000000000,
                  "Size limit of the cache in MB; the least recently used entries are removed first")
      ->type_name("MB");
}

std::optional<LabelEmbeddingCache> find_cache(const CacheFlags& flags) {
  const std::filesystem::path folder =
      flags.folder.empty() ? default_cache_folder() : std::filesystem::path(flags.folder);
  if (flags.is_off || folder.empty()) return std::nullopt;
  return LabelEmbeddingCache(folder, flags.max_megabytes << 20U);
}

LabelEmbeddingCache require_cache(const CacheFlags& flags) {
  std::error_code ignored;
  // For a run that would be no error: it computes what it cannot keep. One that is not there yet is made.
  if (!flags.folder.empty() && std::filesystem::exists(flags.folder, ignored) &&
      !std::filesystem::is_directory(flags.folder, ignored))
    throw Error(ErrorKind::kUsage, "--cache-dir " + flags.folder + ": is no folder");
  const auto cache = find_cache(flags);
  if (cache) return *cache;
  throw Error(ErrorKind::kUsage,
              "no cache folder is known: HOME is not set; give --cache-dir, or set CLIPCLS_CACHE_DIR");
}

}  // namespace clipcls
