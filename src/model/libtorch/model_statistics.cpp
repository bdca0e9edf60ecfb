#include "model/model_statistics.h"

#include <torch/script.h>

#include <set>
#include <system_error>

#include "archive_error.h"
#include "clipcls/error.h"
#include "load_archive.h"
#include "model/model_config.h"

namespace clipcls {
namespace {

torch::jit::Module load_for_counting(const std::filesystem::path& path, const std::string& written_by) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw Error(ErrorKind::kModel, path.string() +
                                       ": is missing; a model folder has an image_encoder.pt and a "
                                       "text_encoder.pt");
  }
  try {
    return load_archive(path);
  } catch (const std::exception& error) {
    throw unloadable_archive(path, written_by, error);
  }
}

/// Adds up tensors one by one.
class Count {
 public:
  void add(const torch::Tensor& tensor) {
    // By address: a tensor that two modules share counts once. Integers are counters and ids, and no
    // weights.
    if (!tensor.is_floating_point() || !counted_.insert(tensor.data_ptr()).second) return;
    num_parameters_ += static_cast<std::uint64_t>(tensor.numel());
    dtypes_.insert(tensor.scalar_type() == torch::kHalf       ? "float16"
                   : tensor.scalar_type() == torch::kFloat    ? "float32"
                   : tensor.scalar_type() == torch::kBFloat16 ? "bfloat16"
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

EncoderStatistics count_encoder(const std::filesystem::path& path, const std::string& written_by) {
  const torch::jit::Module module = load_for_counting(path, written_by);
  Count count;
  for (const torch::Tensor& parameter : module.parameters()) count.add(parameter);
  // An exporter may keep its weights as buffers; beside parameters buffers are statistics of batch norms.
  if (count.statistics().num_parameters == 0) {
    for (const torch::Tensor& buffer : module.buffers()) count.add(buffer);
  }
  return count.statistics();
}

}  // namespace

ModelStatistics read_model_statistics(const std::filesystem::path& model) {
  std::error_code ignored;
  if (std::filesystem::is_directory(model, ignored)) {
    const std::string written_by = read_model_config(model).torch_version;
    return {count_encoder(model / "image_encoder.pt", written_by),
            count_encoder(model / "text_encoder.pt", written_by)};
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
