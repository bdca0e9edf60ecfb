#include "model/model_statistics.h"

#include <torch/csrc/jit/api/module.h>
#include <set>
#include <system_error>

#include "archive_error.h"
#include "clipcls/error.h"
#include "folder_architecture.h"
#include "load_archive.h"
#include "model/model_config.h"
#include "weights_file.h"

namespace clipcls {
namespace {

torch::jit::Module load_for_counting(const std::filesystem::path& path, const std::string& written_by) {
  try {
    return load_archive(path);
  } catch (const std::exception& error) {
    throw unloadable_archive(path, written_by, error);
  }
}

/// Adds up tensors one by one.
class Count {
 public:
  void add(const at::Tensor& tensor) {
    // By address: a tensor that two modules share counts once. Integers are counters and ids, and no
    // weights.
    if (!tensor.is_floating_point() || !counted_.insert(tensor.data_ptr()).second) return;
    num_parameters_ += static_cast<std::uint64_t>(tensor.numel());
    dtypes_.insert(tensor.scalar_type() == at::kHalf       ? "float16"
                   : tensor.scalar_type() == at::kFloat    ? "float32"
                   : tensor.scalar_type() == at::kBFloat16 ? "bfloat16"
                                                           : toString(tensor.scalar_type()));
  }

  EncoderStatistics statistics() const {
    std::string dtype;
    for (const std::string& name : dtypes_) dtype += (dtype.empty() ? "" : ", ") + name;
    return {num_parameters_, dtype};
  }

 private:
  std::set<const void*> counted_;
  std::uint64_t num_parameters_ = 0;
  std::set<std::string> dtypes_;
};

EncoderStatistics count_archive(const std::filesystem::path& path, const std::string& written_by) {
  const torch::jit::Module module = load_for_counting(path, written_by);
  Count count;
  for (const at::Tensor& parameter : module.parameters()) count.add(parameter);
  // An exporter may keep its weights as buffers; beside parameters buffers are statistics of batch norms.
  if (count.statistics().num_parameters == 0) {
    for (const at::Tensor& buffer : module.buffers()) count.add(buffer);
  }
  return count.statistics();
}

EncoderStatistics count_tensors(const std::filesystem::path& path) {
  try {
    StateDict tensors;
    read_safetensors_file(path, tensors);
    Count count;
    for (const auto& [name, shape] : tensors.shapes()) {
      const at::Tensor tensor = tensors.take(name);
      // They were measured and not trained.
      if (!name.ends_with(".running_mean") && !name.ends_with(".running_var")) count.add(tensor);
    }
    return count.statistics();
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  }
}

}  // namespace

ModelStatistics read_model_statistics(const std::filesystem::path& model) {
  std::error_code ignored;
  if (std::filesystem::is_directory(model, ignored)) {
    const ModelConfig config = read_model_config(model);
    const auto count = [&](const std::filesystem::path& file, bool is_built) {
      require_encoder_file(file);
      return is_built ? count_tensors(file) : count_archive(file, config.torch_version);
    };
    const EncoderFiles files = encoder_files(model, config.architecture);
    return {count(files.image, config.architecture.builds_image_encoder),
            count(files.text, config.architecture.builds_text_encoder)};
  }
  const torch::jit::Module module = load_for_counting(model, "");
  Count image;
  Count text;
  for (const auto& parameter : module.named_parameters()) {
    // It belongs to neither tower.
    if (parameter.name == "logit_scale") continue;
    (parameter.name.starts_with("visual.") ? image : text).add(parameter.value);
  }
  return {image.statistics(), text.statistics()};
}

}  // namespace clipcls
