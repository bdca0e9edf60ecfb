#include "clipcls/model/torchscript_model.h"

#include <torch/version.h>

#include <system_error>
#include <utility>

#include "archive_error.h"
#include "clipcls/error.h"
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

Encoder load_encoder(const std::filesystem::path& path, const ModelConfig& config, torch::ScalarType type) {
  try {
    torch::jit::Module module = torch::jit::load(path.string(), torch::kCPU);
    return {std::move(module), path, config.embed_dim, type};
  } catch (const Error&) {
    throw;
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
  const torch::ScalarType type = activation_type(options.precision);
  const ModelFingerprints fingerprints = folder_fingerprints(folder, config);
  const auto lazily = [&](std::filesystem::path file) {
    return LazyEncoder([file = require_file(std::move(file)), folder, config, fingerprints, type] {
      Encoder encoder = load_encoder(file, config, type);
      require_unchanged(folder, config, fingerprints);
      return encoder;
    });
  };
  LazyEncoder image_encoder = lazily(folder / "image_encoder.pt");
  LazyEncoder text_encoder = lazily(folder / "text_encoder.pt");
  return std::make_unique<TorchClipModel>(std::move(config), std::move(image_encoder),
                                          std::move(text_encoder), fingerprints, options);
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace clipcls
