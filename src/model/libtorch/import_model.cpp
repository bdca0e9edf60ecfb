#include "model/import_model.h"

#include <system_error>

#include "clip_weights.h"
#include "clipcls/error.h"
#include "configure_torch.h"
#include "encoder_archive.h"
#include "error_reason.h"
#include "model/torchscript_model.h"
#include "model_config_writer.h"
#include "towers.h"
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

/// The encoder as it is stored. Numbers above 65,504 have no place in half precision.
void convert(torch::jit::Module& encoder, StoredPrecision precision, const fs::path& source) {
  if (precision == StoredPrecision::kFloat32) return;
  encoder.to(torch::kHalf);
  for (const auto& parameter : encoder.named_parameters()) {
    if (parameter.value.isfinite().all().item<bool>()) continue;
    throw Error(ErrorKind::kModel,
                source.string() + ": the encoder's " + parameter.name +
                    " has a number beyond half precision; import it with `precision` fp32");
  }
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
  const auto write_encoder = [&](const auto& build, const char* name) {
    // One tower after the other, so that only one of them lies in memory beside the weights.
    torch::jit::Module encoder = build(weights.architecture, weights.state_dict);
    convert(encoder, options.precision, source);
    save_encoder(encoder, folder / name);
  };
  write_encoder(build_image_encoder, "image_encoder.pt");
  write_encoder(build_text_encoder, "text_encoder.pt");
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
