#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "clipcls/processor/processor.h"

namespace clipcls {

/// The variants of the kernels that this machine runs, whatever CLIPCLS_MAX_ISA says.
inline std::vector<KernelVariant> variants_here() { return kernel_variants(read_processor()); }

inline std::string variant_name(KernelVariant variant) {
  switch (variant) {
    case KernelVariant::kAnyProcessor:
      return "AnyProcessor";
    case KernelVariant::kAvx2:
      return "Avx2";
    case KernelVariant::kAvx512:
      return "Avx512";
    case KernelVariant::kAvx512Bf16:
      return "Avx512Bf16";
  }
  return "";
}

}  // namespace clipcls
