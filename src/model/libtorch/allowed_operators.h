#pragma once

#include <torch/csrc/jit/api/module.h>

namespace clipcls {

/// Throws Error (kModel) that names the operator where a method of the module, or of a module in it, or a
/// function that one of them can call, has an operator outside the list of what encoders compute with.
/// TorchScript can do more than that: read and write files (aten::from_file, aten::save), print, call a
/// network.
void require_inference_operators(const torch::jit::Module& module);

}  // namespace clipcls
