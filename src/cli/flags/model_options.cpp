#include "cli/flags/model_options.h"

#include <map>

#include "cli/flags/declaration.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

const std::map<std::string, DocumentFormat> kInfoFormats = {{"text", DocumentFormat::kText},
                                                            {"json", DocumentFormat::kJson}};
const std::map<std::string, StoredPrecision> kPrecisions = {{"fp32", StoredPrecision::kFloat32},
                                                            {"fp16", StoredPrecision::kFloat16}};
constexpr const char* kModelHelp =
    "Model folder, or the name of a model; default: $CLIPCLS_MODEL, else the embedded model";

CommandDeclaration* declare_import(CommandDeclaration& group, ImportModelOptions& options) {
  CommandDeclaration* command =
      group.add_subcommand("import", "Make a model folder from the weights that others publish");
  command
      ->add_option(
          "SOURCE", options.source,
          "OpenAI's TorchScript .pt; an open_clip checkpoint (.safetensors, .bin, .pt);\na transformers "
          "CLIPModel; or a folder with one of the latter two and its configuration")
      ->required()
      ->type_name("");
  command->add_option("-o,--output", options.output, "The folder to write; its name names the model")
      ->required()
      ->type_name("DIR");
  command
      ->add_option(
          "--config", options.config,
          "The configuration of the weights, where it does not lie beside them:\nopen_clip_config.json, a "
          "model config of open_clip's such as\nViT-B-32-quickgelu.json, or transformers' config.json")
      ->type_name("FILE");
  command->add_choice("--precision", options.precision, kPrecisions, "Of the stored weights; default: fp32");
  command->add_option("--license", options.license, "Licence of the weights, for config.json")
      ->type_name("TEXT");
  command->add_flag("--force", options.force,
                    "Replace the folder if it exists and is a model; the old one is whole until then");
  return command;
}

CommandDeclaration* declare_info(CommandDeclaration& group, ModelInfoOptions& options) {
  CommandDeclaration* command =
      group.add_subcommand("info", "Print what a model is: sizes, preprocessing, licence");
  command
      ->add_option(
          "MODEL", options.model,
          "Model folder, OpenAI's .pt file, or the name of a model;\ndefault: $CLIPCLS_MODEL, else the "
          "embedded model")
      ->type_name("");
  command->add_choice("-f,--format", options.format, kInfoFormats, "Output format; default: text");
  return command;
}

CommandDeclaration* declare_list(CommandDeclaration& group, ListModelsOptions& options) {
  CommandDeclaration* command = group.add_subcommand("list", "List the models that --model takes by name");
  command->add_flag("--available", options.lists_available, "List those that clipcls model fetch can get");
  command->add_choice("-f,--format", options.format, kInfoFormats, "Output format; default: text");
  command->footer(
      "Looked into, in this order: the folders of $CLIPCLS_MODEL_PATH (separated by colons),\n"
      "$XDG_DATA_HOME/clipcls/models (default ~/.local/share/clipcls/models), the models of the "
      "installation.");
  return command;
}

CommandDeclaration* declare_fetch(CommandDeclaration& group, FetchModelOptions& options) {
  CommandDeclaration* command =
      group.add_subcommand("fetch", "Download a published model, check it, and import it under its name");
  command
      ->add_option(
          "NAME", options.model,
          "OpenAI's name (ViT-B/32, RN50, …: clipcls model list --available),\nor hf:OWNER/NAME[@REVISION] "
          "of the Hugging Face hub")
      ->required()
      ->type_name("");
  command
      ->add_option("-o,--output", options.output,
                   "Make this model folder; default: the model's name in\n~/.local/share/clipcls/models")
      ->type_name("DIR");
  command
      ->add_option("--mirror", options.mirror,
                   "Download from here in place of the publisher's https://host: the rest of\nthe address is "
                   "appended. $HF_TOKEN goes to it too")
      ->type_name("URL");
  command
      ->add_number("--timeout", options.stall_seconds, 1, 3600,
                   "Seconds without data after which a transfer is tried again")
      ->type_name("SECONDS");
  command->add_choice(
      "--precision", options.precision, kPrecisions,
      "Of the imported weights; fp16 takes half the disk, and moves\nfeatures a little; default: fp32");
  command->add_flag_callback(
      "--no-import", [&] { options.imports = false; },
      "Keep the published files as they are, checked but not imported");
  command->add_flag("--force", options.replaces,
                    "Fetch a model that is there already, and replace it when the new one is whole");
  command->add_flag("-q,--quiet", options.is_quiet, "No progress, no remarks");
  command->footer(
      "A download that breaks off is gone on from, now and by the next run. Proxies are taken from\n"
      "$https_proxy, $http_proxy and $no_proxy, other certificates from $CURL_CA_BUNDLE or $SSL_CERT_FILE,\n"
      "the token for a hub repository that is not public from $HF_TOKEN.\n"
      "Prints the path of the model. Exit code: 0 it is there; 2 it is not; 130 interrupted.");
  return command;
}

void validate(const CommandDeclaration& command, const FetchModelOptions& options) {
  if (!options.imports && command.count("--precision") > 0)
    throw Error(ErrorKind::kUsage, "--precision is of the imported weights, and --no-import imports none");
  const bool is_url = options.mirror.starts_with("https://") || options.mirror.starts_with("http://");
  if (!options.mirror.empty() && (!is_url || options.mirror.ends_with("://"))) {
    throw Error(ErrorKind::kUsage,
                "--mirror " + options.mirror + ": is no address; write https://host or https://host/path");
  }
}

}  // namespace

ModelCommands::ModelCommands(CommandDeclaration& app) {
  CommandDeclaration* group = app.add_subcommand("model", "Commands about models; see clipcls model --help");
  verify_command_ = group->add_subcommand(
      "verify", "Recompute a model folder's reference.json on this machine and print what differs");
  verify_command_->add_option("MODEL", verify_.model, kModelHelp)->type_name("");
  import_command_ = declare_import(*group, import_);
  info_command_ = declare_info(*group, info_);
  list_command_ = declare_list(*group, list_);
  fetch_command_ = declare_fetch(*group, fetch_);
}

std::optional<ModelCommand> ModelCommands::given() const {
  if (verify_command_->parsed()) return verify_;
  if (import_command_->parsed()) return import_;
  if (info_command_->parsed()) return info_;
  if (list_command_->parsed()) return list_;
  if (fetch_command_->parsed()) {
    validate(*fetch_command_, fetch_);
    return fetch_;
  }
  return std::nullopt;
}

}  // namespace clipcls
