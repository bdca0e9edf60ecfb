#include "cli/terminal/describe_model.h"

#include "cli/terminal/message.h"
#include "cli/terminal/terminal_line.h"
#include "model/find_model.h"
#include "model/precision.h"

namespace clipcls {

std::string about_model(const ModelConfig& config) {
  return config.name + (config.description.empty() ? "" : ": " + config.description);
}

std::string describe_precision(const ClipModel& model) {
  const std::string automatic(precision_name(automatic_precision()));
  const std::string note = model.precision_note();
  return "precision " + model.precision() + (note.empty() ? "" : ", " + note) + " (auto is " + automatic +
         ": this processor " + (has_bfloat16_hardware() ? "multiplies" : "does not multiply") +
         " bfloat16 in hardware)";
}

void print_model(const std::filesystem::path& path, const ClipModel& model) {
  print_message("model " + model.config().name + " (" + path.string() + ")");
  print_message(describe_precision(model));
}

void introduce_bundled_model(const std::string& asked, const ClipModel& model) {
  if (!TerminalLine::stderr_is_terminal() || !is_bundled_by_default(asked)) return;
  const ModelConfig& config = model.config();
#if CLIPCLS_WITH_FETCH
  const std::string larger = "clipcls model fetch ViT-B/32 gets a large one";
#else
  const std::string larger = "clipcls model import takes a large one";
#endif
  print_message("the bundled model, " + config.name + ", " + config.description + "; " + larger);
}

void explain_sigmoid() {
  if (!TerminalLine::stderr_is_terminal()) return;
  print_message(std::string(kAboutSigmoid) + "; --score softmax compares the labels with each other");
}

void print_encoders(const ClipModel& model) {
  for (const EncoderState& encoder : model.encoder_states()) print_message(describe_encoder(encoder));
}

}  // namespace clipcls
