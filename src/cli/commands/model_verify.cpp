#include "cli/commands/model_verify.h"

#include <filesystem>
#include <memory>

#include "cli/flags/require_model.h"
#include "cli/results/output_file.h"
#include "clipcls/model/torchscript_model.h"
#include "model/check_model.h"
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

}  // namespace

int verify_model(const VerifyModelOptions& options) {
  const std::filesystem::path folder = require_model_folder(options.model);
  const ModelReference reference = read_model_reference(folder);
  const ModelConfig config = read_model_config(folder);
  require_reference_of(reference, folder, config);
  const Tokenizer tokenizer = load_tokenizer(folder, config.text);
  {
    const std::unique_ptr<ClipModel> model = load_torchscript_model(folder);  // errors before the first line
    model->load_image_encoder();
    model->load_text_encoder();
  }

  OutputFile output;
  output.stream() << config.name << ", against the reference computed by " << reference.computed_by << ":\n";
  bool has_failed = false;
  check_model(
      reference, config, tokenizer,
      [&](Precision precision) {
        return load_torchscript_model(folder, {0, precision, {}});
      },
      [&](const ModelCheck& check) {
        has_failed = has_failed || check.outcome == CheckOutcome::kFailed;
        output.stream() << word_for(check.outcome) << check.name << ": " << check.figures << '\n';
      });
  output.check();
  return has_failed ? 1 : 0;
}

}  // namespace clipcls
