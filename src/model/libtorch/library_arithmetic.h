#pragma once

#include <c10/core/ScalarType.h>
#include <string>

#include "model/computation.h"

namespace clipcls {

// Which kernels a library takes depends on the processor, on the library's version, on what it was built with
// and on its own environment variables (ONEDNN_MAX_CPU_ISA). So what matters is found by what it does: a
// product of small matrices.

/// Why oneDNN cannot multiply by a packed weight of that type here, or does so wrongly. Empty where it can.
const std::string& why_not_packed(at::ScalarType type);

/// How `options.precision` is computed on this machine: plan_computation() for this processor and this
/// libtorch. On a GPU each precision is what its name says.
Computation plan_on_this_machine(const LoadOptions& options);

/// The dtype of the activations, and of the weights that are not quantised.
at::ScalarType activation_type(const Computation& computation);

}  // namespace clipcls
