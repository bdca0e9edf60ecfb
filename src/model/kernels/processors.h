// One source, compiled for several processors (for_each_processor.inc); which runs is chosen when the program
// runs.
#pragma once

#define CLIPCLS_INLINE __attribute__((always_inline)) inline

namespace clipcls {

enum class Processor { kAny, kAvx2, kAvx512 };

/// The best of the list that this machine has.
inline Processor this_processor() {
#if defined(__x86_64__)
  static const Processor processor = [] {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      return Processor::kAvx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Processor::kAvx2;
    return Processor::kAny;
  }();
  return processor;
#else
  return Processor::kAny;
#endif
}

/// Of three versions of a function, the one for this machine.
template <typename Function>
Function* on_this_processor(Function* any, Function* avx2, Function* avx512) {
  switch (this_processor()) {
    case Processor::kAvx512:
      return avx512;
    case Processor::kAvx2:
      return avx2;
    case Processor::kAny:
      break;
  }
  return any;
}

}  // namespace clipcls
