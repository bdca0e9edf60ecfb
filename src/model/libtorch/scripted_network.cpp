#include "scripted_network.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <string_view>
#include <utility>

#include "error_reason.h"
#include "model_error.h"
#include "optimize_encoder.h"

namespace clipcls {
namespace {

int count_convolutions(torch::jit::Block* block) {
  int count = 0;
  for (torch::jit::Node* node : block->nodes()) {
    const std::string_view name = node->kind().toUnqualString();
    count += node->kind().is_aten() && name.find("conv") != std::string_view::npos ? 1 : 0;
    for (torch::jit::Block* inner : node->blocks()) count += count_convolutions(inner);
  }
  return count;
}

/// As Python's module.to(): numbers that are whole or true and false stay so. The module's own to() makes
/// floats of them.
void move_to(const torch::jit::Module& module, at::Device device, at::ScalarType type) {
  const auto move = [&](const at::Tensor& tensor) {
    tensor.set_data(tensor.to(device, tensor.is_floating_point() ? type : tensor.scalar_type()));
  };
  for (const at::Tensor& parameter : module.parameters()) move(parameter);
  for (const at::Tensor& buffer : module.buffers()) move(buffer);
}

at::Tensor features_of(const c10::IValue& result) {
  TORCH_CHECK(result.isTensor(), "it returns ", result.type()->repr_str(),
              ", and not one Tensor with a row of features for each input");
  return result.toTensor();
}

}  // namespace

ScriptedNetwork::ScriptedNetwork(torch::jit::Module module, at::Device device, at::ScalarType type)
    : module_(std::move(module)) {
  module_.eval();
  try {
    move_to(module_, device, type);
  } catch (const c10::Error& error) {
    fail("cannot be moved to " + device.str() + ": " + reason(error));
  }
  const auto forward = module_.find_method("forward");
  // The schema counts the module itself as the first argument.
  if (!forward || forward->function().getSchema().arguments().size() != 2)
    fail("has no method forward with one argument; export it with scripts/export_torchscript.py");
}

at::Tensor ScriptedNetwork::forward(const at::Tensor& input) { return features_of(module_.forward({input})); }

bool ScriptedNetwork::can_share_prefix() const {
  return module_.find_method(kSharedPrefixMethod).has_value();
}

at::Tensor ScriptedNetwork::forward_shared_prefix(const at::Tensor& prefix, const at::Tensor& texts) {
  return features_of(module_.get_method(kSharedPrefixMethod)({prefix, texts}));
}

NetworkOptimization ScriptedNetwork::optimize(int weight_bits, bool copies_weights) {
  OptimizedEncoder optimized = optimize_encoder(module_, weight_bits, copies_weights);
  module_ = std::move(optimized.module);
  return optimized.replaced;
}

bool ScriptedNetwork::has_convolutions() const {
  // Of forward and of what it calls.
  const auto graph = module_.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return count_convolutions(graph->block()) > 0;
}

}  // namespace clipcls
