#include <filesystem>
#include <memory>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/flags/stored_precision.h"
#include "cli/program.h"
#include "cli/terminal/show_license.h"
#include "clipcls/error.h"
#include "files/put_in_place.h"
#include "model/import_folder.h"

namespace clipcls {
namespace {

struct ModelImportFlags {
  std::string source;  ///< a file or a folder
  std::string output;
  std::string config;
  StoredPrecision precision = StoredPrecision::kFloat32;
  std::string license;
  bool replaces = false;  ///< a folder that is there
};

int import_model(const ModelImportFlags& flags) {
  if (!flags.replaces && is_there(flags.output))
    throw Error(ErrorKind::kUsage, flags.output + ": exists; --force replaces it");
  ImportOptions options;
  options.config = flags.config;
  options.precision = flags.precision;
  options.license = flags.license;
  const ModelConfig config = import_model_folder(flags.source, flags.output, options, flags.replaces);
  // Of the user's own words there is nothing to say.
  if (flags.license.empty() && !config.license.empty()) show_license(config.license);
  return 0;
}

}  // namespace

void add_model_import(Program& program) {
  CommandDeclaration& command = program.add("model import", "Make a model folder from published weights");
  const auto flags = std::make_shared<ModelImportFlags>();
  command
      .add_option(
          "SOURCE", flags->source,
          "OpenAI's TorchScript .pt; an open_clip checkpoint (.safetensors, .bin, .pt); a CLIPModel, "
          "SiglipModel or ChineseCLIPModel of transformers; or a folder with one of the latter two and its "
          "configuration")
      ->required()
      ->type_name("");
  command.add_option("-o,--output", flags->output, "Folder to write; its name is the name of the model")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--config", flags->config,
                  "Configuration of the weights, if it is not beside them: open_clip_config.json, a "
                  "model config of open_clip's such as ViT-B-32-quickgelu.json, or transformers' config.json")
      ->type_name("FILE");
  command.add_choice("--precision", flags->precision, kStoredPrecisions,
                     "Precision of the stored weights; default: fp32");
  command
      .add_option("--license", flags->license,
                  "Licence of the weights, for config.json; default: that of a README.md in SOURCE")
      ->type_name("TEXT");
  command.add_flag("--force", flags->replaces,
                   "Replace a model folder that exists; the old one stays until the new one is complete");
  command.examples(
      {{"clipcls model import ViT-B-32.pt -o vit_b_32", "OpenAI's file"},
       {"clipcls model import open_clip_model.safetensors -o mine", "open_clip's, or a folder"}});
  command.exit_codes({{0, "the folder is made"}, {2, "it is not"}});
  command.runs([flags] { return import_model(*flags); });
}

}  // namespace clipcls
