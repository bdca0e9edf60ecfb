#pragma once

#include <torch/script.h>

namespace clipcls {

/// The method besides forward that a text encoder may have: (prefix [prefix_length], texts [num_texts,
/// length]) -> what forward gives for prefix + text, see tower_sources.h.
inline constexpr const char* kSharedPrefixMethod = "forward_shared_prefix";

/// Makes `module`, an encoder in eval mode whose weights are float32 or bfloat16, ready for many inputs on
/// the CPU: its weights become constants, linear layers packed ones with the activation or the residual add
/// behind them fused, and attention our own kernel. Operators that it does not know stay as they are, so that
/// it takes any TorchScript module; features change by rounding alone. The module's own attributes are gone
/// afterwards. `copies_weights`: nothing is left that lies in the mapped file, which may be overwritten
/// during a long run.
torch::jit::Module optimize_encoder(const torch::jit::Module& module, bool is_quantized, bool copies_weights);

}  // namespace clipcls
