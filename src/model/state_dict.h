#pragma once

#include <torch/script.h>

#include <map>
#include <string>

#include "openai_architecture.h"

namespace clipcls {

/// The tensors of a checkpoint by name. Each is taken once, so that the stored and the converted weights do
/// not lie in memory together.
class StateDict {
 public:
  /// The parameters and buffers of `module`.
  explicit StateDict(const torch::jit::Module& module);

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// Takes the tensor as it is stored.
  torch::Tensor take_stored(const std::string& name);
  /// Takes it in float32, contiguous, in memory of its own: it may be changed in place.
  torch::Tensor take(const std::string& name);

  TensorShapes shapes() const;

 private:
  std::map<std::string, torch::Tensor> tensors_;
};

}  // namespace clipcls
