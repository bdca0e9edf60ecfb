#include "cli/flags/cache_options.h"

#include <map>

#include "cli/flags/declaration.h"

namespace clipcls {
namespace {

const std::map<std::string, bool> kCacheFormats = {{"text", false}, {"json", true}};

void declare_folder(CommandDeclaration& app, CacheOptions& options) {
  app.add_option("--cache-dir", options.folder,
                 "Where label embeddings are kept; default: $CLIPCLS_CACHE_DIR,\nelse "
                 "$XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls")
      ->type_name("DIR");
}

void declare_size(CommandDeclaration& app, CacheOptions& options) {
  app.add_number("--cache-size", options.max_megabytes, 1, 1000000000,
                 "Most megabytes of it; the least recently used go first")
      ->type_name("MB");
}

}  // namespace

void declare_cache(CommandDeclaration& app, CacheOptions& options) {
  declare_folder(app, options);
  declare_size(app, options);
  app.add_flag("--no-cache", options.is_off, "Embed the labels anew and keep nothing");
}

CacheCommands::CacheCommands(CommandDeclaration& app) {
  CommandDeclaration* group =
      app.add_subcommand("cache", "Commands about kept label embeddings; see clipcls cache --help");

  info_command_ =
      group->add_subcommand("info", "Print the folder, the number of entries, their bytes and the limit");
  declare_folder(*info_command_, info_.cache);
  declare_size(*info_command_, info_.cache);
  info_command_->add_choice("-f,--format", info_.is_json, kCacheFormats, "Output format; default: text");

  clear_command_ = group->add_subcommand("clear", "Remove all entries, and no other files");
  declare_folder(*clear_command_, clear_.cache);
}

std::optional<CacheCommand> CacheCommands::given() const {
  if (info_command_->parsed()) return info_;
  if (clear_command_->parsed()) return clear_;
  return std::nullopt;
}

}  // namespace clipcls
