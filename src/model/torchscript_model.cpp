#include "clipcls/model/torchscript_model.h"

#include <torch/version.h>

#include <system_error>
#include <utility>

#include "archive_error.h"
#include "clipcls/error.h"
#include "torch_clip_model.h"

namespace clipcls {
namespace {

Encoder load_encoder(const std::filesystem::path& path, const ModelConfig& config) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw Error(ErrorKind::kModel, path.string() +
                                       ": is missing; a model folder has an image_encoder.pt and a "
                                       "text_encoder.pt");
  }
  try {
    torch::jit::Module module = torch::jit::load(path.string(), torch::kCPU);
    module.eval();
    module.to(torch::kFloat);
    return {std::move(module), path, config.embed_dim};
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw unloadable_archive(path, config.torch_version, error);
  }
}

}  // namespace

std::unique_ptr<ClipModel> load_torchscript_model(const std::filesystem::path& folder, int num_threads) {
  configure_torch(num_threads);
  ModelConfig config = read_model_config(folder);
  Encoder image_encoder = load_encoder(folder / "image_encoder.pt", config);
  Encoder text_encoder = load_encoder(folder / "text_encoder.pt", config);
  return std::make_unique<TorchClipModel>(std::move(config), std::move(image_encoder),
                                          std::move(text_encoder));
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace clipcls
