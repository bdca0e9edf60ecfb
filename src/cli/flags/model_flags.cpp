#include "cli/flags/model_flags.h"

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "model/device.h"
#include "model/load_model.h"

namespace clipcls {

void ModelFlags::add(CommandDeclaration& command) {
  command.group(kModelGroup);
  command
      .add_option("-m,--model", model,
                  "Model folder, OpenAI's .pt file, or the name of a model (clipcls model list); default: "
                  "$CLIPCLS_MODEL, else the bundled model")
      ->type_name("NAME|PATH")
      ->brief("Name of a model (clipcls model list), or its folder")
      ->offers_models();
  command.group(kSpeedGroup);
  command
      .add_number("--threads", num_threads, 1, 1024, "Threads that decode and encode; default: one a core")
      ->type_name("N");
  command.add_choice("--precision", precision, precision_words(),
                     "Precision of the encoders; auto: fp16 on a GPU, bf16 where the processor has it; "
                     "default: fp32, the same on every machine");
  command
      .add_option(
          "--device",
          [this](const std::string& word) {
            parse_device(word);  // throws
            device = word;
          },
          [this] { return device; },
          "Where the encoders run: the processor, one GPU, all GPUs, or a GPU if there is one; default: cpu")
      ->type_name("cpu|cuda|cuda:N|cuda:all|auto")
      ->offers({"cpu", "cuda", "cuda:0", "cuda:all", "auto"});
}

LoadOptions resolve_device(const ModelFlags& flags) {
  LoadOptions load;
  load.num_threads = flags.num_threads;
  load.precision = flags.precision;
  return resolve_device(load, flags.device);
}

std::string device_text(const LoadOptions& load) {
  std::string text;
  for (const int gpu : load.gpus) text += (text.empty() ? "cuda:" : ",") + std::to_string(gpu);
  return text.empty() ? "cpu" : text;
}

const std::map<std::string, Precision>& precision_words() {
  static const std::map<std::string, Precision> words = {{"fp32", Precision::kFloat32},
                                                         {"bf16", Precision::kBfloat16},
                                                         {"fp16", Precision::kFloat16},
                                                         {"int8", Precision::kInt8},
                                                         {"auto", Precision::kAutomatic}};
  return words;
}

}  // namespace clipcls
