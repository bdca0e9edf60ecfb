#pragma once

#include <ATen/core/Tensor.h>
#include <torch/custom_class.h>

#include <optional>
#include <string>

namespace clipcls {

/// What follows a linear layer inside the same kernel.
struct LinearActivation {
  std::string name = "none";  ///< none | relu | gelu | swish, oneDNN's words
  std::string algorithm;      ///< of gelu: none (exact) | tanh

  bool operator==(const LinearActivation&) const = default;
};

/// A linear layer of an optimised encoder.
class LinearLayer : public torch::CustomClassHolder {
 public:
  /// x: [..., in_features] -> activation(x · weightᵀ + bias) + other, [..., out_features]. `other` has any
  /// shape that can be added, and excludes an activation.
  virtual at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) = 0;
};

/// oneDNN's operators have no C++ function of their own: the dispatcher knows them by name.
template <typename Signature>
auto find_operator(const char* name, const char* overload) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).typed<Signature>();
}

}  // namespace clipcls
