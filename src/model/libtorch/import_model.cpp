#include "model/import_model.h"

#include <map>
#include <span>
#include <system_error>
#include <utility>

#include "checkpoint/safetensors_writer.h"
#include "clip_weights.h"
#include "clipcls/error.h"
#include "configure_torch.h"
#include "error_reason.h"
#include "files/atomic_file.h"
#include "model/torch_library.h"
#include "model_config_writer.h"
#include "weights_file.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

bool is_torchscript(const fs::path& source) {
  std::error_code ignored;
  // A folder is a checkpoint.
  if (!fs::is_regular_file(source, ignored)) return false;
  try {
    return recognize_weights_file(source) == WeightsFile::kTorchScript;
  } catch (const Error& error) {
    throw Error(error.kind(), source.string() + ": " + error.what());
  }
}

ClipWeights read_archive(const fs::path& source, const fs::path& config) {
  if (!config.empty()) {
    throw Error(ErrorKind::kModel,
                source.string() +
                    ": is a TorchScript archive, whose architecture is that of OpenAI's code; "
                    "it takes no configuration");
  }
  try {
    ClipWeights weights = read_openai_archive(source);
    weights.state_dict.require_finite();
    return weights;
  } catch (const Error& error) {
    throw Error(error.kind(), source.string() + ": " + error.what());
  }
}

/// Whether a tensor is a batch norm's, whose variances may be too small for half precision.
bool is_of_batch_norm(const std::string& name, const StateDict& weights) {
  return weights.has(name.substr(0, name.rfind('.')) + ".running_var");
}

/// Writes the tensors of `shapes`, an encoder's, as they are stored.
void write_encoder(const fs::path& file, const TensorShapes& shapes, StateDict weights,
                   StoredPrecision precision, const fs::path& source) {
  std::map<std::string, TensorForm> forms;
  std::map<std::string, at::ScalarType> types;
  for (const auto& [name, shape] : shapes) {
    if (name.ends_with(".num_batches_tracked")) continue;  // nothing reads it
    const bool is_half = precision == StoredPrecision::kFloat16 && !is_of_batch_norm(name, weights);
    types[name] = is_half ? at::kHalf : at::kFloat;
    forms[name] = {is_half ? "F16" : "F32", c10::elementSize(types[name]), shape};
  }
  at::Tensor stored;  // one at a time: it lies in memory beside the source until the next is due
  write_safetensors(file, forms, [&](const std::string& name) {
    const at::Tensor tensor = weights.take(name);
    stored = tensor.to(types.at(name)).contiguous();
    // Numbers above 65,504 have no place in half precision.
    if (types.at(name) == at::kHalf && !stored.isfinite().all().item<bool>()) {
      throw Error(ErrorKind::kModel,
                  source.string() + ": tensor " + name +
                      " has a number beyond half precision; import it with `precision` fp32");
    }
    return std::as_bytes(std::span(static_cast<const char*>(stored.const_data_ptr()), stored.nbytes()));
  });
}

/// write_model_folder, where an error of libtorch's is not caught yet.
ModelConfig write(const fs::path& source, const fs::path& folder, const ImportOptions& options) {
  ClipWeights weights =
      is_torchscript(source) ? read_archive(source, options.config) : read_checkpoint(source, options.config);
  ModelConfig& config = weights.config;
  config.name = options.name.empty() ? folder.filename().string() : options.name;
  if (!options.source.empty()) config.source = options.source;
  config.license = options.license;
  config.torch_version = torch_version();
  // Before the encoders, which take long: a folder that cannot be written to shows at once.
  write_model_config(config, folder);
  if (config.text.cleaning)
    write_file(folder / "tokenizer.bin", std::exchange(weights.tokenizer, {}), Links::kReplaced);
  const ClipArchitecture& architecture = config.architecture.clip;
  write_encoder(folder / "image_encoder.safetensors", expected_image_shapes(architecture),
                weights.state_dict.take_prefix("visual."), options.precision, source);
  write_encoder(folder / "text_encoder.safetensors", expected_text_shapes(architecture),
                std::move(weights.state_dict), options.precision, source);
  return config;
}

}  // namespace

ModelConfig write_model_folder(const fs::path& source, const fs::path& folder, const ImportOptions& options) {
  configure_torch(0);
  try {
    return write(source, folder, options);
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::kModel, source.string() + ": cannot be imported: " + reason(error));
  }
}

}  // namespace clipcls
