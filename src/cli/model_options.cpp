#include "model_options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace clipcls {

ModelCommands::ModelCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("model", "Commands about models; see clipcls model --help");
  group->require_subcommand(1);

  verify_command_ = group->add_subcommand(
      "verify", "Recompute a model folder's reference.json on this machine and print what differs");
  verify_command_
      ->add_option("DIR", verify_.model, "Model folder; default: $CLIPCLS_MODEL, else the embedded model")
      ->type_name("");
}

std::optional<ModelCommand> ModelCommands::given() const {
  if (verify_command_->parsed()) return verify_;
  return std::nullopt;
}

}  // namespace clipcls
