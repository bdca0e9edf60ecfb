#include "model/load_model_folder.h"

#include <torch/csrc/jit/api/module.h>

#include <utility>

#include "allowed_operators.h"
#include "archive_error.h"
#include "build_network.h"
#include "clipcls/error.h"
#include "configure_torch.h"
#include "error_reason.h"
#include "folder_architecture.h"
#include "load_archive.h"
#include "scripted_network.h"
#include "torch_clip_model.h"
#include "weights_file.h"

namespace clipcls {
namespace {

Encoder load_archive_encoder(const std::filesystem::path& path, const ModelConfig& config, at::Device device,
                             at::ScalarType type) {
  try {
    torch::jit::Module module = load_archive(path);
    // Before anything of the archive runs.
    require_inference_operators(module);
    return {std::make_unique<ScriptedNetwork>(std::move(module), device, type), path, config.embed_dim, type,
            device};
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  } catch (const std::exception& error) {
    throw unloadable_archive(path, config.torch_version, error);
  }
}

/// build_image_network or build_text_network, over the tensors of a file.
using BuildNetwork = std::unique_ptr<EncoderNetwork> (*)(const ClipArchitecture&, StateDict,
                                                         const Placement&);

Encoder build_encoder(const std::filesystem::path& path, const ClipArchitecture& architecture,
                      const TensorShapes& expected, BuildNetwork build, at::Device device,
                      at::ScalarType type) {
  try {
    StateDict tensors;
    read_safetensors_file(path, tensors);
    check_shapes(tensors.shapes(), expected, "which config.json asks for",
                 "which config.json does not ask for");
    tensors.require_floating();
    return {build(architecture, std::move(tensors), {device, type}), path,
            static_cast<std::size_t>(architecture.embed_dim), type, device};
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kModel, path.string() + ": cannot be loaded: " + reason(error));
  }
}

/// Features are kept under the fingerprints; they must be those of what was read.
void require_unchanged(const std::filesystem::path& folder, const ModelConfig& config,
                       const ModelFingerprints& fingerprints) {
  try {
    if (read_folder_fingerprints(folder, config) == fingerprints) return;
  } catch (const Error& error) {
    throw Error(ErrorKind::kModel, folder.string() + ": could not be read a second time: " + error.what());
  }
  throw Error(ErrorKind::kModel, folder.string() + ": was changed while it was read; run again");
}

}  // namespace

std::unique_ptr<ClipModel> load_model_folder(const std::filesystem::path& folder,
                                             const LoadOptions& options) {
  configure_torch(options.num_threads);
  ModelConfig config = read_model_config(folder);
  const ModelFingerprints fingerprints = folder_fingerprints(folder, config);
  const ModelArchitecture architecture = config.architecture;
  const EncoderFiles files = encoder_files(folder, architecture);
  require_encoder_file(files.image);
  require_encoder_file(files.text);
  // Encoders are loaded when they are first needed, which may be long after the fingerprints were taken.
  const auto loader = [&](LoadEncoder load) -> LoadEncoder {
    return [load = std::move(load), folder, config, fingerprints](at::Device device, at::ScalarType type) {
      Encoder encoder = load(device, type);
      require_unchanged(folder, config, fingerprints);
      return encoder;
    };
  };
  const auto of_archive = [&](const std::filesystem::path& file) {
    return loader([file, config](at::Device device, at::ScalarType type) {
      return load_archive_encoder(file, config, device, type);
    });
  };
  const auto of_tensors = [&](const std::filesystem::path& file, const TensorShapes& expected,
                              BuildNetwork build) {
    return loader([=, clip = architecture.clip](at::Device device, at::ScalarType type) {
      return build_encoder(file, clip, expected, build, device, type);
    });
  };
  const LoadEncoder image_encoder =
      architecture.builds_image_encoder
          ? of_tensors(files.image, expected_image_shapes(architecture.clip), &build_image_network)
          : of_archive(files.image);
  const LoadEncoder text_encoder =
      architecture.builds_text_encoder
          ? of_tensors(files.text, expected_text_shapes(architecture.clip), &build_text_network)
          : of_archive(files.text);
  return std::make_unique<TorchClipModel>(std::move(config), image_encoder, text_encoder, fingerprints,
                                          options);
}

}  // namespace clipcls
