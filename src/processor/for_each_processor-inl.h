// Compiles the functions of one file for several processors:
//
//     #define CLIPCLS_KERNEL "folder/some_kernel-inl.h"
//     #include "processor/for_each_processor-inl.h"
//     … CLIPCLS_FUNCTION_FOR(variant, some_function)(arguments) …
//
// The kernel's file is included once a processor. It has its #include lines first, and behind them, between
// CLIPCLS_BEGIN_KERNEL and CLIPCLS_END_KERNEL, its functions in the namespace clipcls::CLIPCLS_PROCESSOR. A
// header between the two would be compiled for a processor that not everybody has, and the linker would take
// its functions for everybody's.
//
// CLIPCLS_BFLOAT16_KERNEL may name a second file, for the processors that multiply bfloat16. Where
// CLIPCLS_WITH_VNNI is defined, the file is included twice more, with CLIPCLS_HAS_VNNI, for the processors
// with VNNI, and CLIPCLS_VNNI_FUNCTION_FOR chooses among all of them.
//
// The whole file is compiled for a processor, and not only its outermost function: GCC cuts vectors into the
// registers of a function's own processor before it inlines the function. Every function but those that are
// called from outside is CLIPCLS_INLINE.
#include "processor/processor.h"

#define CLIPCLS_INLINE inline __attribute__((always_inline))
// Stands before every loop over a tile of sums. An index that is no constant would keep the tile in memory:
// it would be cleared there, and the sums would be copied to it in the end.
#define CLIPCLS_UNROLL _Pragma("GCC unroll 16")

// Every x86-64, and every other processor.
#define CLIPCLS_PROCESSOR any_processor
#define CLIPCLS_REGISTER_BYTES 16
#define CLIPCLS_BEGIN_KERNEL
#define CLIPCLS_END_KERNEL
#include CLIPCLS_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_REGISTER_BYTES
#undef CLIPCLS_BEGIN_KERNEL
#undef CLIPCLS_END_KERNEL

#if defined(__x86_64__)

#define CLIPCLS_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define CLIPCLS_BEGIN_TARGET(name) \
  CLIPCLS_PRAGMA(clang attribute push(__attribute__((target(name))), apply_to = function))
#define CLIPCLS_END_KERNEL CLIPCLS_PRAGMA(clang attribute pop)
#else
#define CLIPCLS_BEGIN_TARGET(name) CLIPCLS_PRAGMA(GCC push_options) CLIPCLS_PRAGMA(GCC target(name))
#define CLIPCLS_END_KERNEL CLIPCLS_PRAGMA(GCC pop_options)
#endif

#define CLIPCLS_PROCESSOR avx2
#define CLIPCLS_REGISTER_BYTES 32
#define CLIPCLS_BEGIN_KERNEL CLIPCLS_BEGIN_TARGET("arch=x86-64-v3")
#include CLIPCLS_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_BEGIN_KERNEL

#if defined(CLIPCLS_WITH_VNNI)
#define CLIPCLS_HAS_VNNI
#define CLIPCLS_PROCESSOR avx_vnni
#define CLIPCLS_BEGIN_KERNEL CLIPCLS_BEGIN_TARGET("arch=x86-64-v3,avxvnni")
#include CLIPCLS_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_BEGIN_KERNEL
#undef CLIPCLS_HAS_VNNI
#endif
#undef CLIPCLS_REGISTER_BYTES

#define CLIPCLS_PROCESSOR avx512
#define CLIPCLS_REGISTER_BYTES 64
#define CLIPCLS_BEGIN_KERNEL CLIPCLS_BEGIN_TARGET("arch=x86-64-v4")
#include CLIPCLS_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_BEGIN_KERNEL

#if defined(CLIPCLS_WITH_VNNI)
#define CLIPCLS_HAS_VNNI
#define CLIPCLS_PROCESSOR avx512_vnni
#define CLIPCLS_BEGIN_KERNEL CLIPCLS_BEGIN_TARGET("arch=x86-64-v4,avx512vnni")
#include CLIPCLS_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_BEGIN_KERNEL
#undef CLIPCLS_HAS_VNNI
#endif

#if defined(CLIPCLS_BFLOAT16_KERNEL)
#define CLIPCLS_PROCESSOR avx512_bfloat16
#define CLIPCLS_BEGIN_KERNEL CLIPCLS_BEGIN_TARGET("arch=x86-64-v4,avx512bf16")
#include CLIPCLS_BFLOAT16_KERNEL
#undef CLIPCLS_PROCESSOR
#undef CLIPCLS_BEGIN_KERNEL
#endif
#undef CLIPCLS_REGISTER_BYTES
#undef CLIPCLS_END_KERNEL

#define CLIPCLS_FUNCTION_FOR(variant, function) \
  function_for(variant, &any_processor::function, &avx2::function, &avx512::function)
#define CLIPCLS_VNNI_FUNCTION_FOR(variant, function)                                                       \
  function_for(variant, &any_processor::function, &avx2::function, &avx_vnni::function, &avx512::function, \
               &avx512_vnni::function)

#else

#define CLIPCLS_FUNCTION_FOR(variant, function) \
  function_for(variant, &any_processor::function, &any_processor::function, &any_processor::function)
#define CLIPCLS_VNNI_FUNCTION_FOR(variant, function) CLIPCLS_FUNCTION_FOR(variant, function)

#endif
