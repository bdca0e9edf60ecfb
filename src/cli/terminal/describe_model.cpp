#include "cli/terminal/describe_model.h"

#include "cli/terminal/message.h"
#include "model/precision.h"

namespace clipcls {

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

void print_encoders(const ClipModel& model) {
  for (const EncoderState& encoder : model.encoder_states()) print_message(describe_encoder(encoder));
}

}  // namespace clipcls
