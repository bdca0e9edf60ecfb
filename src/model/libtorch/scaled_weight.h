#pragma once

#include <ATen/core/Tensor.h>
#include <optional>

namespace clipcls {

/// weight * factor * row_factors in `type`, computed in float32 and so rounded once. weight: [rows, …] on the
/// CPU; row_factors: [rows], float32. The result is contiguous, or channels last, and its memory goes back to
/// the system when it is freed: encoders keep what is freed for their next call (see encoder.cpp), and holes
/// of the size of a weight would stay.
at::Tensor scaled_weight(const at::Tensor& weight, double factor,
                         const std::optional<at::Tensor>& row_factors, at::ScalarType type,
                         at::MemoryFormat format = at::MemoryFormat::Contiguous);

}  // namespace clipcls
