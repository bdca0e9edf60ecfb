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

  import_command_ =
      group->add_subcommand("import", "Make a model folder from the weights that others publish");
  import_command_
      ->add_option(
          "SOURCE", import_.source,
          "OpenAI's TorchScript .pt; an open_clip checkpoint (.safetensors, .bin, .pt); a transformers "
          "CLIPModel; or a folder with one of the latter two and its configuration")
      ->required()
      ->type_name("");
  import_command_->add_option("-o,--output", import_.output, "The folder to write; its name names the model")
      ->required()
      ->type_name("DIR");
  import_command_
      ->add_option(
          "--config", import_.config,
          "The configuration of the weights, where it does not lie beside them: open_clip_config.json, a "
          "model config of open_clip's such as ViT-B-32-quickgelu.json, or transformers' config.json")
      ->type_name("FILE");
  import_command_
      ->add_option_function<std::string>(
          "--precision",
          [this](const std::string& word) {
            if (word != "fp32" && word != "fp16") {
              throw CLI::ValidationError("--precision", "\"" + word + "\" is not one of fp16|fp32");
            }
            import_.precision = word == "fp16" ? StoredPrecision::kFloat16 : StoredPrecision::kFloat32;
          },
          "Of the stored weights; default: fp32")
      ->type_name("fp16|fp32");
  import_command_->add_option("--license", import_.license, "Licence of the weights, for config.json")
      ->type_name("TEXT");
  import_command_->add_flag("--force", import_.force, "Replace the folder if it exists");
}

std::optional<ModelCommand> ModelCommands::given() const {
  if (verify_command_->parsed()) return verify_;
  if (import_command_->parsed()) return import_;
  return std::nullopt;
}

}  // namespace clipcls
