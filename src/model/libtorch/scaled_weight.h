#pragma once

#include <torch/script.h>

#include <optional>

namespace clipcls {

/// weight * factor * row_factors in `type`, computed in float32 and so rounded once. weight: [rows, …] on the
/// CPU; row_factors: [rows], float32. The result is contiguous, or channels last, and its memory goes back to
/// the system when it is freed: encoders keep what is freed for their next call (see encoder.cpp), and holes
/// of the size of a weight would stay.
torch::Tensor scaled_weight(const torch::Tensor& weight, double factor,
                            const std::optional<torch::Tensor>& row_factors, torch::ScalarType type,
                            torch::MemoryFormat format = torch::MemoryFormat::Contiguous);

}  // namespace clipcls
