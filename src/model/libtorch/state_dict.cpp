#include "state_dict.h"

#include <algorithm>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

/// Whether a float32 tensor may be handed out as it is: all of its memory is its own and in order.
bool is_own_float(const torch::Tensor& tensor) {
  // A storage that is shared, or larger than the tensor, belongs to others as well.
  return tensor.scalar_type() == torch::kFloat && tensor.is_contiguous() && tensor.use_count() == 1 &&
         tensor.storage().use_count() == 1 && tensor.storage().nbytes() == tensor.nbytes();
}

void require_floating(const std::string& name, const torch::Tensor& tensor) {
  if (tensor.is_floating_point()) return;
  throw Error(ErrorKind::kModel, "tensor " + name + " holds " + std::string(toString(tensor.scalar_type())) +
                                     ", expected Half or Float");
}

}  // namespace

StateDict::StateDict(const torch::jit::Module& module) {
  for (const auto& parameter : module.named_parameters()) tensors_[parameter.name] = parameter.value.detach();
  for (const auto& buffer : module.named_buffers()) tensors_[buffer.name] = buffer.value.detach();
}

bool StateDict::has_prefix(const std::string& prefix) const {
  const auto found = tensors_.lower_bound(prefix);
  return found != tensors_.end() && found->first.starts_with(prefix);
}

void StateDict::put(const std::string& name, torch::Tensor tensor) {
  if (!tensors_.emplace(name, std::move(tensor)).second) {
    throw Error(ErrorKind::kModel, "has the tensor " + name + " twice");
  }
}

void StateDict::strip_prefix(const std::string& prefix) {
  const auto has_it = [&](const auto& tensor) { return tensor.first.starts_with(prefix); };
  // A prefix that only some names have is a part of them.
  if (!std::ranges::all_of(tensors_, has_it)) return;
  std::map<std::string, torch::Tensor> stripped;
  for (auto& [name, tensor] : tensors_) stripped.emplace(name.substr(prefix.size()), std::move(tensor));
  tensors_ = std::move(stripped);
}

torch::Tensor StateDict::take_as_stored(const std::string& name) {
  auto node = tensors_.extract(name);
  if (node.empty()) throw Error(ErrorKind::kModel, "has no tensor " + name);
  return std::move(node.mapped());
}

torch::Tensor StateDict::take(const std::string& name) {
  torch::Tensor stored = take_as_stored(name);
  require_floating(name, stored);
  if (is_own_float(stored)) return stored;
  // A copy in any case: what lies in a mapped file must not be changed in place.
  return stored.to(torch::TensorOptions(torch::kFloat), /*non_blocking=*/false, /*copy=*/true,
                   torch::MemoryFormat::Contiguous);
}

TensorShapes StateDict::shapes() const {
  TensorShapes shapes;
  for (const auto& [name, tensor] : tensors_) shapes[name] = tensor.sizes().vec();
  return shapes;
}

void StateDict::require_finite() const {
  for (const auto& [name, tensor] : tensors_) {
    if (name.ends_with(".num_batches_tracked")) continue;  // an integer that nothing reads
    require_floating(name, tensor);
    const torch::Tensor is_finite = tensor.isfinite();
    if (is_finite.all().item<bool>()) continue;
    const auto num_bad = tensor.numel() - is_finite.sum().item<std::int64_t>();
    throw Error(ErrorKind::kModel, "tensor " + name + " has " + std::to_string(num_bad) + " of " +
                                       std::to_string(tensor.numel()) +
                                       " numbers that are NaN or infinite; the weights are damaged");
  }
}

}  // namespace clipcls
