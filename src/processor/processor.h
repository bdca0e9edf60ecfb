#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// What a processor can do, as far as it decides anything here. Of instructions on wide registers, whether
/// the operating system keeps these registers too.
struct ProcessorFeatures {
  bool ssse3 = false, sse4_1 = false, sse4_2 = false, popcnt = false;
  bool avx2 = false, fma = false, f16c = false, movbe = false, bmi1 = false, bmi2 = false, lzcnt = false;
  bool avx512f = false, avx512bw = false, avx512cd = false, avx512dq = false, avx512vl = false;
  bool avx_vnni = false, avx512_vnni = false, avx512_bf16 = false, amx_int8 = false;

  bool operator==(const ProcessorFeatures&) const = default;
};

/// The registers of the instruction CPUID: leaf 1, leaf 7 with its subleaf 1, leaf 0x80000001; zeros where
/// the processor has no such leaf. `xcr0` says which registers the operating system keeps, zero where it does
/// not say.
struct CpuidRegisters {
  unsigned leaf1_ecx = 0;
  unsigned leaf7_ebx = 0;
  unsigned leaf7_ecx = 0;
  unsigned leaf7_edx = 0;
  unsigned leaf7_1_eax = 0;
  unsigned extended_ecx = 0;
  unsigned xcr0 = 0;
};

ProcessorFeatures decode_cpuid(const CpuidRegisters& registers);

/// The processor that this runs on, whatever CLIPCLS_MAX_ISA says.
ProcessorFeatures read_processor();

/// `features` without what is above `level`: x86-64-v2 | avx2 | avx_vnni | avx512 | avx512_vnni |
/// avx512_bf16 | amx_int8. None for another word.
std::optional<ProcessorFeatures> limit_features(const ProcessorFeatures& features, std::string_view level);

/// The words that limit_features() knows, from the lowest level up.
std::vector<std::string_view> isa_levels();

/// What this run may use: read_processor(), held to the level that the environment variable CLIPCLS_MAX_ISA
/// names. Throws Error (kInvalidArgument) where that is no level.
const ProcessorFeatures& this_processor();

/// Which of the versions of a kernel runs. A kernel without versions of its own for products of 8 bits (VNNI)
/// or of bfloat16 takes that for the registers' width.
enum class KernelVariant {
  kAnyProcessor,  ///< what every x86-64 has, and every other processor
  kAvx2,          ///< x86-64-v3
  kAvxVnni,       ///< x86-64-v3 with VNNI
  kAvx512,        ///< x86-64-v4
  kAvx512Vnni,    ///< x86-64-v4 with VNNI
  kAvx512Bf16     ///< x86-64-v4 with VNNI that multiplies bfloat16
};

/// The best of them.
KernelVariant kernel_variant(const ProcessorFeatures& features);

/// All that run on such a processor, the best one last.
std::vector<KernelVariant> kernel_variants(const ProcessorFeatures& features);

/// kernel_variant() of this_processor(), at the price of a load.
KernelVariant this_kernel_variant();

/// The version of a function, out of three, that is for `variant`.
template <typename Function>
Function* function_for(KernelVariant variant, Function* any, Function* avx2, Function* avx512) {
  switch (variant) {
    case KernelVariant::kAvx512Bf16:
    case KernelVariant::kAvx512Vnni:
    case KernelVariant::kAvx512:
      return avx512;
    case KernelVariant::kAvxVnni:
    case KernelVariant::kAvx2:
      return avx2;
    case KernelVariant::kAnyProcessor:
      break;
  }
  return any;
}

/// The version of a function, out of five: two are for processors with VNNI.
template <typename Function>
Function* function_for(KernelVariant variant, Function* any, Function* avx2, Function* avx_vnni,
                       Function* avx512, Function* avx512_vnni) {
  if (variant == KernelVariant::kAvxVnni) return avx_vnni;
  if (variant == KernelVariant::kAvx512Vnni || variant == KernelVariant::kAvx512Bf16) return avx512_vnni;
  return function_for(variant, any, avx2, avx512);
}

/// Whether it multiplies bfloat16.
bool has_bfloat16(const ProcessorFeatures& features);

/// Whether it adds up products of 8-bit integers in 32 bits. Elsewhere pairs of them are added in 16 bits,
/// which saturate.
bool has_vnni(KernelVariant variant);

/// Why the encoders cannot run on such a processor, in one line; none where they can. The lowest that
/// libtorch runs on is a Penryn, tried in an emulator: below SSE4.1 oneDNN has no convolution.
std::optional<std::string> why_not_supported(const ProcessorFeatures& features);

/// The same of the processor that this runs on: to be asked before libtorch is opened.
std::optional<std::string> why_not_supported();

}  // namespace clipcls
