#include <gtest/gtest.h>

#include "support/kernel_variants.h"

#if defined(__x86_64__)

#define CLIPCLS_KERNEL "processor/register_bytes-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

class ForEachProcessor : public KernelVariantTest {};

TEST_P(ForEachProcessor, CompilesForTheRegistersOfTheVariant) {
  const int bytes = CLIPCLS_FUNCTION_FOR(GetParam(), register_bytes)();
  switch (GetParam()) {
    case KernelVariant::kAnyProcessor:
      return EXPECT_EQ(bytes, 16);
    case KernelVariant::kAvx2:
      return EXPECT_EQ(bytes, 32);
    case KernelVariant::kAvx512:
    case KernelVariant::kAvx512Bf16:
      return EXPECT_EQ(bytes, 64);
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, ForEachProcessor, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls

#endif
