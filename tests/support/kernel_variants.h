#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "processor/processor.h"

namespace clipcls {

/// All variants of the kernels, from the lowest up.
inline std::vector<KernelVariant> all_variants() {
  return {KernelVariant::kAnyProcessor, KernelVariant::kAvx2,       KernelVariant::kAvxVnni,
          KernelVariant::kAvx512,       KernelVariant::kAvx512Vnni, KernelVariant::kAvx512Bf16};
}

/// Whether this machine runs it, whatever CLIPCLS_MAX_ISA says.
inline bool runs_here(KernelVariant variant) {
  return std::ranges::count(kernel_variants(read_processor()), variant) > 0;
}

inline std::string variant_name(KernelVariant variant) {
  switch (variant) {
    case KernelVariant::kAnyProcessor:
      return "AnyProcessor";
    case KernelVariant::kAvx2:
      return "Avx2";
    case KernelVariant::kAvxVnni:
      return "AvxVnni";
    case KernelVariant::kAvx512:
      return "Avx512";
    case KernelVariant::kAvx512Vnni:
      return "Avx512Vnni";
    case KernelVariant::kAvx512Bf16:
      return "Avx512Bf16";
  }
  return "";
}

/// A test of one variant of a kernel, skipped where this machine lacks it.
class KernelVariantTest : public testing::TestWithParam<KernelVariant> {
 protected:
  void SetUp() override {
    if (!runs_here(GetParam())) GTEST_SKIP() << "this processor lacks " << variant_name(GetParam());
  }
};

/// How INSTANTIATE_TEST_SUITE_P names them.
inline std::string name_of_variant(const testing::TestParamInfo<KernelVariant>& information) {
  return variant_name(information.param);
}

}  // namespace clipcls
