#include "model/torchscript_model.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include <system_error>
#include <utility>

#include "allowed_operators.h"
#include "archive_error.h"
#include "clipcls/error.h"
#include "configure_torch.h"
#include "load_archive.h"
#include "torch_clip_model.h"

namespace clipcls {
namespace {

/// Throws unless there is a file of that name.
std::filesystem::path require_file(std::filesystem::path path) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return path;
  throw Error(ErrorKind::kModel, path.string() +
                                     ": is missing; a model folder has an image_encoder.pt and a "
                                     "text_encoder.pt");
}

Encoder load_encoder(const std::filesystem::path& path, const ModelConfig& config, torch::ScalarType type,
                     torch::Device device) {
  try {
    torch::jit::Module module = load_archive(path);
    // Before anything of the archive runs.
    require_inference_operators(module);
    return {std::move(module), path, config.embed_dim, type, device};
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  } catch (const std::exception& error) {
    throw unloadable_archive(path, config.torch_version, error);
  }
}

/// Features are kept under the fingerprints; they must be those of what was read.
void require_unchanged(const std::filesystem::path& folder, const ModelConfig& config,
                       const ModelFingerprints& fingerprints) {
  if (folder_fingerprints(folder, config) == fingerprints) return;
  throw Error(ErrorKind::kModel, folder.string() + ": was changed while it was read; run again");
}

}  // namespace

std::unique_ptr<ClipModel> load_torchscript_model(const std::filesystem::path& folder,
                                                  const LoadOptions& options) {
  configure_torch(options.num_threads);
  ModelConfig config = read_model_config(folder);
  const ModelFingerprints fingerprints = folder_fingerprints(folder, config);
  const auto loader = [&](std::filesystem::path file) -> LoadEncoder {
    return [file = require_file(std::move(file)), folder, config, fingerprints](torch::Device device,
                                                                                torch::ScalarType type) {
      Encoder encoder = load_encoder(file, config, type, device);
      // Encoders are loaded when they are first needed, which may be long after the fingerprints were taken.
      require_unchanged(folder, config, fingerprints);
      return encoder;
    };
  };
  const LoadEncoder image_encoder = loader(folder / "image_encoder.pt");
  const LoadEncoder text_encoder = loader(folder / "text_encoder.pt");
  return std::make_unique<TorchClipModel>(std::move(config), image_encoder, text_encoder, fingerprints,
                                          options);
}

int num_gpus() { return static_cast<int>(torch::cuda::device_count()); }

std::string why_no_gpu() {
  if (!at::Context::hasCUDART())
    return "this libtorch (" + torch_version() +
           ") is built for the processor alone; build clipcls with one for CUDA";
  return "no GPU was found; see whether nvidia-smi shows one";
}

}  // namespace clipcls
