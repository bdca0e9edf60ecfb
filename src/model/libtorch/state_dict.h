#pragma once

#include <torch/csrc/jit/api/module.h>
#include <map>
#include <string>

#include "checkpoint/tensor_shapes.h"

namespace clipcls {

/// The tensors of a checkpoint by name, as they are stored; they may lie in a mapped file, so that nobody
/// changes them in place. A copy shares them. Everything throws Error (kModel) that names the tensor.
class StateDict {
 public:
  StateDict() = default;
  /// The parameters and buffers of `module`.
  explicit StateDict(const torch::jit::Module& module);

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// Whether a name begins so.
  bool has_prefix(const std::string& prefix) const;
  /// The tensor that comes first in the order of names; empty where there is none.
  std::string first_name() const { return tensors_.empty() ? "" : tensors_.begin()->first; }

  /// Throws where the name is taken.
  void put(const std::string& name, at::Tensor tensor);
  void remove(const std::string& name) { tensors_.erase(name); }
  /// Cuts `prefix` off every name, if all have it.
  void strip_prefix(const std::string& prefix);

  /// Takes the tensor out.
  at::Tensor take(const std::string& name);
  /// Takes those out that a name begins so.
  StateDict take_prefix(const std::string& prefix);

  TensorShapes shapes() const;
  /// Throws where a tensor holds no floating-point numbers; the counters of batch norms may.
  void require_floating() const;
  /// The same, and where one of its numbers is NaN or infinite.
  void require_finite() const;

 private:
  std::map<std::string, at::Tensor> tensors_;
};

}  // namespace clipcls
