// Compiles the file CLIPCLS_KERNEL for several processors, into the namespaces any_processor, avx2 and avx512;
// CLIPCLS_FUNCTION_FOR(variant, function) is one of them.
// clipcls/processor/processor.h chooses the variant. (An attribute at the outermost function would be too late:
// GCC cuts vectors into the registers of a function's processor before it inlines the function.)
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "bfloat16.h"
#include "clipcls/processor/processor.h"
#include "inline.h"

namespace clipcls::any_processor {
namespace {
#include "vectors-inl.h"

#include CLIPCLS_KERNEL
}  // namespace
}  // namespace clipcls::any_processor

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace clipcls::avx2 {
namespace {
#include "vectors-inl.h"

#include CLIPCLS_KERNEL
}  // namespace
}  // namespace clipcls::avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace clipcls::avx512 {
namespace {
#include "vectors-inl.h"

#include CLIPCLS_KERNEL
}  // namespace
}  // namespace clipcls::avx512
#pragma GCC pop_options

#define CLIPCLS_FUNCTION_FOR(variant, function) \
  function_for(variant, &any_processor::function, &avx2::function, &avx512::function)

#else

#define CLIPCLS_FUNCTION_FOR(variant, function) \
  function_for(variant, &any_processor::function, &any_processor::function, &any_processor::function)

#endif
