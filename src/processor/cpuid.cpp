#include "processor/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace clipcls {
namespace {

bool has_bit(unsigned value, unsigned bit) { return (value >> bit & 1U) != 0; }

}  // namespace

// The bits are those of "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 2, CPUID.
// A feature of wide registers counts only where the operating system saves these (XCR0): virtual machines
// and old kernels do not always.
ProcessorFeatures decode_cpuid(const CpuidRegisters& registers) {
  constexpr unsigned kOsxsave = 27;         // of leaf1_ecx: xcr0 can be read
  constexpr unsigned kYmmRegisters = 0x06;  // of xcr0
  // 0x06: XMM and YMM; 0xE0 besides: the AVX-512 masks and both halves of ZMM.
  constexpr unsigned kZmmRegisters = 0xE6;
  constexpr unsigned kTileRegisters = 0x60000;  // and their shapes
  const bool has_xcr0 = has_bit(registers.leaf1_ecx, kOsxsave);
  const bool has_ymm = has_xcr0 && (registers.xcr0 & kYmmRegisters) == kYmmRegisters;
  const bool has_zmm = has_xcr0 && (registers.xcr0 & kZmmRegisters) == kZmmRegisters;
  const bool has_tiles = has_zmm && (registers.xcr0 & kTileRegisters) == kTileRegisters;
  ProcessorFeatures features;
  features.ssse3 = has_bit(registers.leaf1_ecx, 9);
  features.sse4_1 = has_bit(registers.leaf1_ecx, 19);
  features.sse4_2 = has_bit(registers.leaf1_ecx, 20);
  features.movbe = has_bit(registers.leaf1_ecx, 22);
  features.popcnt = has_bit(registers.leaf1_ecx, 23);
  features.fma = has_ymm && has_bit(registers.leaf1_ecx, 12);
  features.f16c = has_ymm && has_bit(registers.leaf1_ecx, 29);
  features.lzcnt = has_bit(registers.extended_ecx, 5);
  features.bmi1 = has_bit(registers.leaf7_ebx, 3);
  features.bmi2 = has_bit(registers.leaf7_ebx, 8);
  features.avx2 = has_ymm && has_bit(registers.leaf7_ebx, 5);
  features.avx_vnni = has_ymm && has_bit(registers.leaf7_1_eax, 4);
  features.avx512f = has_zmm && has_bit(registers.leaf7_ebx, 16);
  features.avx512dq = has_zmm && has_bit(registers.leaf7_ebx, 17);
  features.avx512cd = has_zmm && has_bit(registers.leaf7_ebx, 28);
  features.avx512bw = has_zmm && has_bit(registers.leaf7_ebx, 30);
  features.avx512vl = has_zmm && has_bit(registers.leaf7_ebx, 31);
  features.avx512_vnni = has_zmm && has_bit(registers.leaf7_ecx, 11);
  features.avx512_bf16 = has_zmm && has_bit(registers.leaf7_1_eax, 5);
  // Tiles, and products of 8 bits of them.
  features.amx_int8 = has_tiles && has_bit(registers.leaf7_edx, 24) && has_bit(registers.leaf7_edx, 25);
  return features;
}

ProcessorFeatures read_processor() {
#if defined(__x86_64__)
  CpuidRegisters registers;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0) registers.leaf1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0) {
    registers.leaf7_ebx = ebx;
    registers.leaf7_ecx = ecx;
    registers.leaf7_edx = edx;
    // Leaf 7 says itself how many subleaves it has.
    const unsigned last_subleaf = eax;
    if (last_subleaf >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0)
      registers.leaf7_1_eax = eax;
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) != 0) registers.extended_ecx = ecx;
  if (has_bit(registers.leaf1_ecx, 27)) {
    // In assembly, as the intrinsic wants a compiler flag for the whole file.
    asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    registers.xcr0 = eax;
  }
  return decode_cpuid(registers);
#else
  return {};
#endif
}

}  // namespace clipcls
