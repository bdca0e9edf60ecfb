#include "cli/flags/via_flags.h"

#include "cli/flags/declaration.h"
#include "cli/flags/model_flags.h"
#include "cli/help/option_groups.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"
#include "model/load_model.h"
#include "model/model_fingerprint.h"
#include "serve/served_model.h"

namespace clipcls {
namespace {

/// Null: no server listens at `socket`. Throws Error.
std::unique_ptr<ClipModel> connect(const std::string& socket, const std::filesystem::path& path,
                                   const LoadOptions& options) {
  if (!std::filesystem::is_directory(path)) {
    throw Error(ErrorKind::kUsage,
                path.string() +
                    ": a server's encoder needs a model folder; clipcls model import makes "
                    "one from an archive");
  }
  WantedModel wanted;
  wanted.config = read_model_config(path);
  const ModelFingerprints fingerprints = folder_fingerprints(path, wanted.config);
  wanted.image_fingerprint = fingerprints.image;
  wanted.text_fingerprint = fingerprints.text;
  wanted.precision = precision_name(options.precision);
  wanted.device = device_text(options);
  wanted.load = [path, options] { return load_model(path, options); };
  return ServedModel::connect(socket, std::move(wanted));
}

}  // namespace

void ViaFlags::add(CommandDeclaration& command) {
  command.group(kSpeedGroup);
  command
      .add_option(
          "--via", socket,
          "Have pictures encoded by the clipcls serve --socket FILE that runs, so that no model is loaded")
      ->type_name("FILE");
  command
      .add_option("--via-or-here", socket_or_here,
                  "The same; where no server runs at the start, or one with another model, as without")
      ->type_name("FILE")
      ->excludes("--via");
}

std::unique_ptr<ClipModel> ViaFlags::load(const std::filesystem::path& path, const LoadOptions& options,
                                          const OnMessage& on_warning) const {
  if (!socket.empty()) {
    if (auto model = connect(socket, path, options)) return model;
    const std::string file = shell_word(socket);
    throw Error(ErrorKind::kUsage,
                "--via " + file + ": no server listens there; start one by clipcls serve --socket " + file +
                    " with the same --model and --precision, or give --via-or-here");
  }
  if (!socket_or_here.empty()) {
    try {
      if (auto model = connect(socket_or_here, path, options)) return model;
    } catch (const Error& error) {
      on_warning(std::string(error.what()) + "; this process encodes");
    }
  }
  return load_model(path, options);
}

}  // namespace clipcls
