#pragma once

#include <torch/csrc/jit/api/module.h>

#include "encoder_network.h"

namespace clipcls {

/// The method besides forward that a text encoder may have: (prefix [prefix_length], texts [num_texts,
/// length]) -> what forward gives for prefix + text.
inline constexpr const char* kSharedPrefixMethod = "forward_shared_prefix";

struct OptimizedEncoder {
  torch::jit::Module module;
  NetworkOptimization replaced;  ///< in the method forward
};

/// Makes `module`, an encoder in eval mode whose weights are float32 or bfloat16, ready for many inputs on
/// the CPU: its weights become constants, linear layers packed ones with the activation or the residual add
/// behind them fused, and attention our own kernel. Operators that it does not know stay as they are, so that
/// it takes any TorchScript module; features change by rounding alone. The module's own attributes are gone
/// afterwards. `weight_bits`: 8 or 7 quantise the linear layers, 0 leaves them as
/// they are. `copies_weights`: nothing is left that lies in the mapped file, which may be overwritten
/// during a long run.
/// Throws what libtorch throws.
OptimizedEncoder optimize_encoder(const torch::jit::Module& module, int weight_bits, bool copies_weights);

}  // namespace clipcls
