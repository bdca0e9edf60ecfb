#include "clipcls/model/torchscript_model.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/version.h>

#include <cmath>
#include <sstream>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

/// libtorch's messages run over thousands of characters with a stack trace. What a user can act on is the
/// first line that says something; where the interpreter failed that is a headline only, and the cause is the
/// last line.
std::string essence(const std::string& message) {
  std::istringstream lines(message);
  std::vector<std::string> spoken;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start != std::string::npos) spoken.push_back(line.substr(start));
  }
  if (spoken.empty()) return "unknown reason";
  return spoken.front().starts_with("The following operation failed") ? spoken.back() : spoken.front();
}

std::string reason(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  return essence(torch_error != nullptr ? torch_error->what_without_backtrace() : error.what());
}

/// One tower: a TorchScript module whose forward takes one tensor and returns features [rows, embed_dim].
class Encoder {
 public:
  Encoder(std::filesystem::path path, const ModelConfig& config)
      : path_(std::move(path)), embed_dim_(config.embed_dim) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path_, ignored)) {
      throw Error(ErrorKind::kModel, path_.string() +
                                         ": is missing; a model folder has an image_encoder.pt and a "
                                         "text_encoder.pt");
    }
    try {
      module_ = torch::jit::load(path_.string(), torch::kCPU);
      module_.eval();
      module_.to(torch::kFloat);
    } catch (const std::exception& error) {
      const std::string writer =
          config.torch_version.empty() ? "" : "written by torch " + config.torch_version + ", ";
      throw Error(ErrorKind::kModel, path_.string() +
                                         ": is no TorchScript archive that this libtorch can load (" +
                                         writer + "this is " + torch_version() + "): " + reason(error));
    }
    const auto forward = module_.find_method("forward");
    // The schema counts the module itself as the first argument.
    if (!forward || forward->function().getSchema().arguments().size() != 2) {
      throw Error(ErrorKind::kModel, path_.string() +
                                         ": has no method forward with one argument; export it with "
                                         "scripts/export_torchscript.py");
    }
  }

  Matrix encode(const torch::Tensor& input) {
    torch::Tensor features;
    try {
      const torch::InferenceMode inference;
      features = module_.forward({input}).toTensor().to(torch::kFloat).contiguous();
    } catch (const std::exception& error) {
      std::ostringstream shape;
      shape << input.sizes();
      throw Error(ErrorKind::kModel,
                  path_.string() + ": fails on an input of shape " + shape.str() + ": " + reason(error));
    }
    const auto rows = input.size(0);
    if (features.dim() != 2 || features.size(0) != rows ||
        features.size(1) != static_cast<std::int64_t>(embed_dim_)) {
      std::ostringstream shapes;
      shapes << features.sizes() << ", and config.json says [" << rows << ", " << embed_dim_
             << "] (embed_dim)";
      throw Error(ErrorKind::kModel, path_.string() + ": returns features of shape " + shapes.str());
    }
    Matrix matrix(static_cast<std::size_t>(rows), embed_dim_);
    std::copy_n(features.const_data_ptr<float>(), matrix.values.size(), matrix.values.begin());
    for (const float value : matrix.values) {
      if (!std::isfinite(value)) {
        throw Error(
            ErrorKind::kModel,
            path_.string() + ": returns a feature that is not a finite number; the weights are damaged");
      }
    }
    return matrix;
  }

 private:
  std::filesystem::path path_;
  std::size_t embed_dim_;
  torch::jit::Module module_;
};

class TorchScriptModel final : public ClipModel {
 public:
  explicit TorchScriptModel(const std::filesystem::path& folder)
      : config_(read_model_config(folder)),
        image_encoder_(folder / "image_encoder.pt", config_),
        text_encoder_(folder / "text_encoder.pt", config_) {}

  const ModelConfig& config() const override { return config_; }

  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) override {
    const std::int64_t side = config_.image.image_size;
    return image_encoder_.encode(
        wrap(pixel_values.data(), {static_cast<std::int64_t>(batch), 3, side, side}, torch::kFloat));
  }

  Matrix encode_text(const TokenIdBatch& prompts) override {
    return text_encoder_.encode(wrap(
        prompts.token_ids.data(),
        {static_cast<std::int64_t>(prompts.rows), static_cast<std::int64_t>(prompts.length)}, torch::kLong));
  }

 private:
  /// A tensor over the caller's memory, without a copy. from_blob wants a mutable pointer; encoders only
  /// read.
  template <typename Value>
  static torch::Tensor wrap(const Value* values, torch::IntArrayRef shape, torch::ScalarType type) {
    return torch::from_blob(const_cast<Value*>(values), shape,
                            type);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

  ModelConfig config_;
  Encoder image_encoder_;
  Encoder text_encoder_;
};

}  // namespace

std::unique_ptr<ClipModel> load_torchscript_model(const std::filesystem::path& folder, int num_threads) {
  if (num_threads > 0) at::set_num_threads(num_threads);
  // The profiling executor spends the first runs on specialising graphs: one picture would pay for it
  // and never see the gain.
  torch::jit::getExecutorMode() = false;
  torch::jit::getProfilingMode() = false;
  return std::make_unique<TorchScriptModel>(folder);
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace clipcls
