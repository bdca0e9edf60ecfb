// One source, compiled for several processors; the one that runs is chosen when the program runs.
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

#if defined(__x86_64__)
template <typename Kernel, typename... Arguments>
[[gnu::target("arch=x86-64-v4")]] void run_avx512(Arguments... arguments) {
  Kernel::run(arguments...);
}

template <typename Kernel, typename... Arguments>
[[gnu::target("arch=x86-64-v3")]] void run_avx2(Arguments... arguments) {
  Kernel::run(arguments...);
}
#endif

/// Calls Kernel::run(arguments...), compiled for this machine's processor. Kernel::run and all that it calls
/// are CLIPCLS_INLINE: a function of its own would be compiled for any processor.
template <typename Kernel, typename... Arguments>
void run_on_this_processor(Arguments... arguments) {
#if defined(__x86_64__)
  switch (this_processor()) {
    case Processor::kAvx512:
      return run_avx512<Kernel>(arguments...);
    case Processor::kAvx2:
      return run_avx2<Kernel>(arguments...);
    case Processor::kAny:
      break;
  }
#endif
  Kernel::run(arguments...);
}

}  // namespace clipcls
