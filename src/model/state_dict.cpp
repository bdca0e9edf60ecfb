#include "state_dict.h"

#include "clipcls/error.h"

namespace clipcls {

StateDict::StateDict(const torch::jit::Module& module) {
  for (const auto& parameter : module.named_parameters()) tensors_[parameter.name] = parameter.value.detach();
  for (const auto& buffer : module.named_buffers()) tensors_[buffer.name] = buffer.value.detach();
}

torch::Tensor StateDict::take_stored(const std::string& name) {
  auto node = tensors_.extract(name);
  if (node.empty()) throw Error(ErrorKind::kModel, "has no tensor " + name);
  return std::move(node.mapped());
}

torch::Tensor StateDict::take(const std::string& name) {
  const torch::Tensor stored = take_stored(name);
  if (!stored.is_floating_point()) {
    throw Error(ErrorKind::kModel, "tensor " + name + " holds " +
                                       std::string(toString(stored.scalar_type())) +
                                       ", expected Half or Float");
  }
  return stored.to(torch::TensorOptions(torch::kFloat), /*non_blocking=*/false, /*copy=*/true,
                   torch::MemoryFormat::Contiguous);
}

TensorShapes StateDict::shapes() const {
  TensorShapes shapes;
  for (const auto& [name, tensor] : tensors_) shapes[name] = tensor.sizes().vec();
  return shapes;
}

}  // namespace clipcls
