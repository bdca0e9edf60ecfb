#include <filesystem>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "interface/require_model.h"
#include "model/check_model.h"
#include "model/load_model_folder.h"
#include "model/load_tokenizer.h"

namespace clipcls {
namespace {

const char* word_for(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::kPassed:
      return "ok    ";
    case CheckOutcome::kFailed:
      return "FAIL  ";
    case CheckOutcome::kNote:
      return "note  ";
  }
  return "";
}

/// Returns the exit code: 0, or 1 when something is beyond its tolerance.
int verify_model(const std::string& model_name) {
  const std::filesystem::path folder = require_model_folder(model_name);
  const ModelReference reference = read_model_reference(folder);
  const ModelConfig config = read_model_config(folder);
  require_reference_of(reference, folder, config);
  const Tokenizer tokenizer = load_tokenizer(folder, config.text);
  {
    const std::unique_ptr<ClipModel> model = load_model_folder(folder);  // errors before the first line
    model->load_image_encoder();
    model->load_text_encoder();
  }

  OutputFile output;
  output.stream() << config.name << ", against the reference computed by " << reference.computed_by << ":\n";
  bool has_failed = false;
  const auto print = [&](const ModelCheck& check) {
    has_failed = has_failed || check.outcome == CheckOutcome::kFailed;
    output.stream() << word_for(check.outcome) << check.name << ": " << check.figures << '\n';
  };
  check_checksums(folder, config, print);
  check_model(
      reference, config, tokenizer,
      [&](Precision precision) {
        return load_model_folder(folder, {0, precision, {}});
      },
      print);
  output.check();
  return has_failed ? 1 : 0;
}

}  // namespace

void add_model_verify(Program& program) {
  CommandDeclaration& command = program.add(
      "model verify", "Recompute a model folder's reference.json on this machine and print what differs");
  const auto model = std::make_shared<std::string>();
  command
      .add_option("MODEL", *model,
                  "Model folder, or the name of a model; default: $CLIPCLS_MODEL, else the bundled model")
      ->type_name("")
      ->offers_models();
  command.examples({{"clipcls model verify", "the model that is used by default"},
                    {"clipcls model verify ViT-B/32", "another one"}});
  command.exit_codes(
      {{0, "it computes what its reference says"}, {1, "it does not"}, {2, "it could not be checked"}});
  command.runs([model] { return verify_model(*model); });
}

}  // namespace clipcls
