#include "clipcls/model/openai_archive.h"

#include <caffe2/serialize/inline_container.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"
#include "openai_architecture.h"
#include "torch_clip_model.h"
#include "towers.h"

namespace clipcls {
namespace {

constexpr const char* kPythonCheckpoint =
    "is a pickled Python checkpoint, not a TorchScript archive; scripts/export_torchscript.py --checkpoint "
    "makes a model folder from it";
// The first byte of a pickle, and of torch.save's files before torch 1.6.
constexpr unsigned char kPickleMark = 0x80;

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorKind::kModel, message); }

/// Throws when the file is not a zip file with TorchScript in it.
void require_torchscript(const std::filesystem::path& path) {
  std::error_code ignored;
  // A pipe would wait for its writer: it is never opened.
  if (!std::filesystem::is_regular_file(path, ignored)) fail("is neither a model folder nor a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot be read; check its permissions");
  const int first_byte = file.get();
  if (first_byte == kPickleMark) fail(kPythonCheckpoint);
  if (first_byte != 'P' || file.get() != 'K') {
    fail("is neither a model folder nor a TorchScript archive, which would be a zip file");
  }
  try {
    caffe2::serialize::PyTorchStreamReader reader(path.string());
    if (reader.hasRecord("constants.pkl")) return;  // TorchScript's own
    if (reader.hasRecord("data.pkl")) fail(kPythonCheckpoint);
  } catch (const c10::Error&) {
    // Its message is miniz's guess at the reason.
  }
  fail("is no TorchScript archive: a zip file that is truncated, or that has something else in it");
}

StateDict read_state_dict(const std::filesystem::path& path) {
  require_torchscript(path);
  try {
    return StateDict(torch::jit::load(path.string(), torch::kCPU));
  } catch (const std::exception& error) {
    fail("is no TorchScript archive that this libtorch (" + torch_version() + ") can load: " + reason(error));
  }
}

/// The archive's own word for a size, a tensor of one integer, must be what the shapes say.
void check_size(StateDict& state_dict, const std::string& name, std::int64_t expected,
                const std::string& tensor) {
  if (!state_dict.has(name)) return;
  const torch::Tensor value = state_dict.take_stored(name);
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

double take_logit_scale(StateDict& state_dict) {
  const auto logarithm = state_dict.take("logit_scale").item<double>();
  const double logit_scale = std::exp(logarithm);  // the parameter is the logarithm of the multiplier
  if (!std::isfinite(logit_scale) || logit_scale <= 0) {
    fail("tensor logit_scale is " + std::to_string(logarithm) + ", and its exponential is no multiplier");
  }
  return logit_scale;
}

ModelConfig make_config(const std::filesystem::path& path, const OpenAiArchitecture& architecture,
                        double logit_scale) {
  ModelConfig config;  // its defaults are OpenAI's
  config.name = path.stem().string();
  config.source = path.filename().string();
  config.embed_dim = static_cast<std::size_t>(architecture.embed_dim);
  config.logit_scale = logit_scale;
  config.image.image_size = static_cast<int>(architecture.image_size);
  config.text.context_length = static_cast<std::size_t>(architecture.context_length);
  config.text.vocab_size = architecture.vocab_size;
  config.text.sot_token_id = architecture.vocab_size - 2;
  config.text.eot_token_id = architecture.vocab_size - 1;
  config.prompt_templates = {"a photo of a {}."};
  return config;
}

/// Errors do not name the file yet.
std::unique_ptr<ClipModel> load(const std::filesystem::path& path, const LoadOptions& options) {
  StateDict state_dict = read_state_dict(path);
  // Three sizes stand beside the weights; build_model drops them, and so do we, once they are checked.
  TensorShapes shapes = state_dict.shapes();
  for (const char* name : {"input_resolution", "context_length", "vocab_size"}) shapes.erase(name);
  const OpenAiArchitecture architecture = infer_openai_architecture(shapes);
  check_size(state_dict, "input_resolution", architecture.image_size,
             architecture.is_resnet ? "tensor visual.attnpool.positional_embedding"
                                    : "tensor visual.positional_embedding");
  check_size(state_dict, "context_length", architecture.context_length, "tensor positional_embedding");
  check_size(state_dict, "vocab_size", architecture.vocab_size, "tensor token_embedding.weight");

  ModelConfig config = make_config(path, architecture, take_logit_scale(state_dict));
  const torch::ScalarType type = activation_type(options.precision);
  Encoder image_encoder(build_image_encoder(architecture, state_dict), path, config.embed_dim, type);
  Encoder text_encoder(build_text_encoder(architecture, state_dict), path, config.embed_dim, type);
  return std::make_unique<TorchClipModel>(std::move(config), std::move(image_encoder),
                                          std::move(text_encoder), openai_fingerprints(path), options);
}

}  // namespace

std::unique_ptr<ClipModel> load_openai_archive(const std::filesystem::path& path,
                                               const LoadOptions& options) {
  configure_torch(options.num_threads);
  try {
    return load(path, options);
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::kModel,
                path.string() + ": the encoders cannot be built from it: " + reason(error));
  }
}

}  // namespace clipcls
