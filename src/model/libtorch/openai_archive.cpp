#include "model/openai_archive.h"

#include <c10/core/Device.h>
#include <system_error>
#include <utility>

#include "build_network.h"
#include "checkpoint/openai_architecture.h"
#include "clip_weights.h"
#include "clipcls/error.h"
#include "configure_torch.h"
#include "error_reason.h"
#include "load_archive.h"
#include "model/torch_library.h"
#include "model_error.h"
#include "torch_clip_model.h"
#include "weights_file.h"

namespace clipcls {
namespace {

/// Throws when the file is not a zip file with TorchScript in it.
void require_torchscript(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) fail("is neither a model folder nor a file");
  switch (recognize_weights_file(path)) {
    case WeightsFile::kTorchScript:
      return;
    case WeightsFile::kPickle:
    case WeightsFile::kOldPickle:
      fail(
          "is a pickled Python checkpoint, not a TorchScript archive; clipcls model import makes a model "
          "folder from it");
    case WeightsFile::kSafetensors:
      fail(
          "is a safetensors file, not a TorchScript archive; clipcls model import makes a model folder from "
          "it");
    case WeightsFile::kOtherZip:
      fail("is not a TorchScript archive: a zip file that is truncated, or that has something else in it");
    case WeightsFile::kOther:
      break;
  }
  fail("is neither a model folder nor a TorchScript archive, which would be a zip file");
}

StateDict read_state_dict(const std::filesystem::path& path) {
  require_torchscript(path);
  try {
    // The weights alone. The code in the archive is not run: the encoders are built from our own source.
    return StateDict(load_archive(path));
  } catch (const std::exception& error) {
    fail("is not a TorchScript archive that this libtorch (" + torch_version() +
         ") can load: " + reason(error));
  }
}

}  // namespace

ClipWeights read_openai_archive(const std::filesystem::path& path) {
  ClipWeights weights;
  weights.state_dict = read_state_dict(path);
  // Three sizes stand beside the weights; build_model drops them, and so do we, once they are checked.
  const ClipArchitecture architecture =
      infer_openai_architecture(without_stored_sizes(weights.state_dict.shapes()));
  take_stored_sizes(weights.state_dict, architecture);
  weights.state_dict.require_floating();
  weights.config = make_model_config(architecture);
  weights.config.name = path.stem().string();
  weights.config.source = path.filename().string();
  weights.config.logit_scale = take_logit_scale(weights.state_dict);
  return weights;
}

std::unique_ptr<ClipModel> load_openai_archive(const std::filesystem::path& path,
                                               const LoadOptions& options) {
  configure_torch(options.num_threads);
  try {
    const ModelFingerprints fingerprints = openai_fingerprints(path);
    ClipWeights weights = read_openai_archive(path);
    // Features are kept under the fingerprints; they must be those of what was read.
    if (openai_fingerprints(path) != fingerprints) fail("was changed while it was read; run again");
    const auto loader = [&](StateDict tensors, const auto& build) -> LoadEncoder {
      return [tensors = std::move(tensors), build, path, architecture = weights.config.architecture.clip,
              embed_dim = weights.config.embed_dim](at::Device device, at::ScalarType type) {
        return Encoder(build(architecture, tensors, {device, type}), path, embed_dim, type, device);
      };
    };
    const LoadEncoder image_encoder = loader(weights.state_dict.take_prefix("visual."), build_image_network);
    const LoadEncoder text_encoder = loader(std::move(weights.state_dict), build_text_network);
    return std::make_unique<TorchClipModel>(std::move(weights.config), image_encoder, text_encoder,
                                            fingerprints, options);
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::kModel,
                path.string() + ": the encoders cannot be built from it: " + reason(error));
  }
}

}  // namespace clipcls
