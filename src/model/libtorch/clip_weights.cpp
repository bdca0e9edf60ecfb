#include "clip_weights.h"

#include <array>
#include <cmath>
#include <sstream>

#include "clipcls/error.h"
#include "model_error.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

/// The file's own word for a size, a tensor of one integer, must be what the shapes say.
void take_size(StateDict& state_dict, const std::string& name, std::int64_t expected,
               const std::string& tensor) {
  if (!state_dict.has(name)) return;
  const at::Tensor value = state_dict.take(name);
  if (value.numel() == 1 && value.item<double>() == static_cast<double>(expected)) return;
  std::ostringstream text;
  if (value.numel() == 1) {
    text << value.item<double>();
  } else {
    text << "a tensor of shape " << value.sizes();
  }
  fail("attribute " + name + " is " + text.str() + ", and " + tensor + " makes it " +
       std::to_string(expected));
}

}  // namespace

ModelConfig make_model_config(const ClipArchitecture& architecture) {
  ModelConfig config;  // its defaults are OpenAI's
  config.embed_dim = static_cast<std::size_t>(architecture.embed_dim);
  config.image.image_size = static_cast<int>(architecture.image_size);
  config.text.context_length = static_cast<std::size_t>(architecture.context_length);
  config.text.vocab_size = architecture.vocab_size;
  // CLIP's tokenizer gives the two special tokens the last ids.
  config.text.sot_token_id = architecture.vocab_size - 2;
  config.text.eot_token_id = architecture.vocab_size - 1;
  config.prompt_templates = {"a photo of a {}."};
  config.architecture = {architecture, true, true};
  config.image_architecture = describe_image_encoder(architecture);
  config.text_architecture = describe_text_encoder(architecture);
  return config;
}

double take_logit_scale(StateDict& state_dict) {
  const auto logarithm = state_dict.take("logit_scale").item<double>();
  const double logit_scale = std::exp(logarithm);  // the parameter is the logarithm of the multiplier
  if (!(logit_scale > 0 && logit_scale <= kMaxLogit)) {
    fail("tensor logit_scale is " + shortest_digits(logarithm) + ", and its exponential is not a multiplier");
  }
  return logit_scale;
}

// Only OpenAI's archives have them. They are taken out, so that no later check finds a tensor too many.
void take_stored_sizes(StateDict& state_dict, const ClipArchitecture& architecture) {
  take_size(state_dict, "input_resolution", architecture.image_size,
            architecture.image_tower == ImageTower::kModifiedResnet
                ? "tensor visual.attnpool.positional_embedding"
                : "tensor visual.positional_embedding");
  take_size(state_dict, "context_length", architecture.context_length, "tensor positional_embedding");
  take_size(state_dict, "vocab_size", architecture.vocab_size, "tensor token_embedding.weight");
}

TensorShapes without_stored_sizes(TensorShapes shapes) {
  for (const char* name : {"input_resolution", "context_length", "vocab_size"}) shapes.erase(name);
  return shapes;
}

}  // namespace clipcls
