#include "cache_options.h"

#include "option_kinds.h"

namespace clipcls {
namespace {

void declare_folder(CLI::App& app, CacheOptions& options) {
  app.add_option("--cache-dir", options.folder,
                 "Where label embeddings are kept; default: $CLIPCLS_CACHE_DIR,\nelse "
                 "$XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls")
      ->type_name("DIR");
}

void declare_size(CLI::App& app, CacheOptions& options) {
  app.add_option("--cache-size", options.max_megabytes,
                 "Most megabytes of it; the least recently used go first")
      ->check(in_range(1, 1000000000))
      ->type_name("MB")
      ->capture_default_str();
}

}  // namespace

void declare_cache(CLI::App& app, CacheOptions& options) {
  declare_folder(app, options);
  declare_size(app, options);
  app.add_flag("--no-cache", options.is_off, "Embed the labels anew and keep nothing");
}

CacheCommands::CacheCommands(CLI::App& app) {
  CLI::App* group =
      app.add_subcommand("cache", "Commands about kept label embeddings; see clipcls cache --help");
  group->require_subcommand(1);

  info_command_ =
      group->add_subcommand("info", "Print the folder, the number of entries, their bytes and the limit");
  declare_folder(*info_command_, info_.cache);
  declare_size(*info_command_, info_.cache);
  info_command_
      ->add_option_function<std::string>(
          "-f,--format",
          [this](const std::string& word) {
            if (word != "text" && word != "json")
              throw CLI::ValidationError("--format", "\"" + word + "\" is not one of json|text");
            info_.is_json = word == "json";
          },
          "Output format; default: text")
      ->type_name("json|text");

  clear_command_ = group->add_subcommand("clear", "Remove all entries, and no other files");
  declare_folder(*clear_command_, clear_.cache);
}

std::optional<CacheCommand> CacheCommands::given() const {
  if (info_command_->parsed()) return info_;
  if (clear_command_->parsed()) return clear_;
  return std::nullopt;
}

}  // namespace clipcls
