#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace clipcls {

class CommandDeclaration;

/// Where label embeddings are kept between runs.
struct CacheOptions {
  std::string folder;  ///< empty: as cache_folder() says
  bool is_off = false;
  std::uint64_t max_megabytes = 512;
};

/// `clipcls cache info`
struct CacheInfoOptions {
  CacheOptions cache;
  bool is_json = false;
};

/// `clipcls cache clear`
struct CacheClearOptions {
  CacheOptions cache;
};

/// One of the commands under `clipcls cache`.
using CacheCommand = std::variant<CacheInfoOptions, CacheClearOptions>;

/// Adds --cache-dir, --cache-size and --no-cache to `app`.
void declare_cache(CommandDeclaration& app, CacheOptions& options);

/// The declarations of `clipcls cache …`; lives as long as the App that it declares into.
class CacheCommands {
 public:
  /// Adds the group `cache` and its commands to `app`.
  explicit CacheCommands(CommandDeclaration& app);

  /// After parsing: the command that was given, if it was one of these.
  std::optional<CacheCommand> given() const;

 private:
  CommandDeclaration* info_command_ = nullptr;
  CommandDeclaration* clear_command_ = nullptr;
  CacheInfoOptions info_;
  CacheClearOptions clear_;
};

}  // namespace clipcls
