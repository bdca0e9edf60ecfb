#include "state_dict.h"

#include <algorithm>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

/// An integer that nothing reads.
bool is_counter(const std::string& name) { return name.ends_with(".num_batches_tracked"); }

void require_floating_tensor(const std::string& name, const at::Tensor& tensor) {
  if (tensor.is_floating_point() || is_counter(name)) return;
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

void StateDict::put(const std::string& name, at::Tensor tensor) {
  if (!tensors_.emplace(name, std::move(tensor)).second) {
    throw Error(ErrorKind::kModel, "has the tensor " + name + " twice");
  }
}

void StateDict::strip_prefix(const std::string& prefix) {
  const auto has_it = [&](const auto& tensor) { return tensor.first.starts_with(prefix); };
  // A prefix that only some names have is a part of them.
  if (!std::ranges::all_of(tensors_, has_it)) return;
  std::map<std::string, at::Tensor> stripped;
  for (auto& [name, tensor] : tensors_) stripped.emplace(name.substr(prefix.size()), std::move(tensor));
  tensors_ = std::move(stripped);
}

at::Tensor StateDict::take(const std::string& name) {
  auto node = tensors_.extract(name);
  if (node.empty()) throw Error(ErrorKind::kModel, "has no tensor " + name);
  return std::move(node.mapped());
}

StateDict StateDict::take_prefix(const std::string& prefix) {
  StateDict taken;
  for (auto place = tensors_.lower_bound(prefix);
       place != tensors_.end() && place->first.starts_with(prefix);)
    taken.tensors_.insert(tensors_.extract(place++));
  return taken;
}

TensorShapes StateDict::shapes() const {
  TensorShapes shapes;
  for (const auto& [name, tensor] : tensors_) shapes[name] = tensor.sizes().vec();
  return shapes;
}

void StateDict::require_floating() const {
  for (const auto& [name, tensor] : tensors_) require_floating_tensor(name, tensor);
}

void StateDict::require_finite() const {
  require_floating();
  for (const auto& [name, tensor] : tensors_) {
    if (is_counter(name)) continue;
    const at::Tensor is_finite = tensor.isfinite();
    if (is_finite.all().item<bool>()) continue;
    const auto num_bad = tensor.numel() - is_finite.sum().item<std::int64_t>();
    throw Error(ErrorKind::kModel, "tensor " + name + " has " + std::to_string(num_bad) + " of " +
                                       std::to_string(tensor.numel()) +
                                       " numbers that are NaN or infinite; the weights are damaged");
  }
}

}  // namespace clipcls
