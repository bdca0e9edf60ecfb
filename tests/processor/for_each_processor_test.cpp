#include <gtest/gtest.h>

#define CLIPCLS_KERNEL "processor/target_level-inl.h"
#define CLIPCLS_BFLOAT16_KERNEL "processor/target_level-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

// Clang compiles the functions for the processor, but its macros do not say so.
#if defined(__x86_64__) && !defined(__clang__)
TEST(ForEachProcessor, CompilesForTheProcessorOfTheVariant) {
  const auto level = [](KernelVariant variant) { return CLIPCLS_FUNCTION_FOR(variant, target_level)(); };
#if !defined(__AVX2__)
  EXPECT_EQ(level(KernelVariant::kAnyProcessor), 0);
#endif
  EXPECT_EQ(level(KernelVariant::kAvx2), 1);
  EXPECT_EQ(level(KernelVariant::kAvx512), 2);
  EXPECT_EQ(level(KernelVariant::kAvx512Bf16), 2);  // a kernel without a version of its own for it
  EXPECT_EQ(avx512_bfloat16::target_level(), 3);
}
#endif

}  // namespace
}  // namespace clipcls
