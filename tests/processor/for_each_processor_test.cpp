#include <gtest/gtest.h>

#include "support/kernel_variants.h"

#if defined(__x86_64__)

#define CLIPCLS_KERNEL "processor/register_bytes-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

class ForEachProcessor : public KernelVariantTest {};

TEST_P(ForEachProcessor, CompilesForTheRegistersOfTheVariant) {
  const bool has_avx2 = GetParam() == KernelVariant::kAvx2 || GetParam() == KernelVariant::kAvxVnni;
  const int expected = GetParam() == KernelVariant::kAnyProcessor ? 16 : has_avx2 ? 32 : 64;
  EXPECT_EQ(CLIPCLS_FUNCTION_FOR(GetParam(), register_bytes)(), expected);
}

INSTANTIATE_TEST_SUITE_P(Variants, ForEachProcessor, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls

#endif
