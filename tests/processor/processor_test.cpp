#include "processor/processor.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "model/computation.h"

namespace clipcls {
namespace {

ProcessorFeatures nehalem() { return {.ssse3 = true, .sse4_1 = true, .sse4_2 = true, .popcnt = true}; }

ProcessorFeatures haswell() {
  ProcessorFeatures features = nehalem();
  features.avx2 = features.fma = features.f16c = features.movbe = features.bmi1 = features.bmi2 =
      features.lzcnt = true;
  return features;
}

ProcessorFeatures alder_lake() {
  ProcessorFeatures features = haswell();
  features.avx_vnni = true;
  return features;
}

ProcessorFeatures skylake_x() {
  ProcessorFeatures features = haswell();
  features.avx512f = features.avx512bw = features.avx512cd = features.avx512dq = features.avx512vl = true;
  return features;
}

ProcessorFeatures ice_lake() {
  ProcessorFeatures features = skylake_x();
  features.avx512_vnni = true;
  return features;
}

ProcessorFeatures zen4() {
  ProcessorFeatures features = ice_lake();
  features.avx512_bf16 = true;
  return features;
}

ProcessorFeatures zen5() {
  ProcessorFeatures features = zen4();
  features.avx_vnni = true;
  return features;
}

ProcessorFeatures sapphire_rapids() {
  ProcessorFeatures features = zen5();
  features.amx_int8 = true;
  return features;
}

/// What is chosen on a processor.
struct Choices {
  const char* name;
  ProcessorFeatures features;
  KernelVariant kernel;
  Precision automatic;
  Precision bf16;  ///< what the activations of bf16 are
  Precision int8;  ///< and of int8
  int int8_bits;   ///< and of its weights
};

class ProcessorTest : public testing::TestWithParam<Choices> {};

TEST_P(ProcessorTest, EveryChoiceFollowsFromTheFeatures) {
  const Choices& expected = GetParam();
  const ProcessorFeatures& features = expected.features;
  EXPECT_EQ(why_not_supported(features), std::nullopt);
  EXPECT_EQ(kernel_variant(features), expected.kernel);
  EXPECT_EQ(has_bfloat16(features), expected.bf16 == Precision::kBfloat16);
  EXPECT_EQ(has_vnni(kernel_variant(features)), expected.int8_bits == 8);
  EXPECT_EQ(automatic_precision(features), expected.automatic);

  const auto plan = [&](Precision precision) {
    return plan_computation(precision, has_bfloat16(features), has_vnni(kernel_variant(features)));
  };
  EXPECT_EQ(plan(Precision::kFloat32), Computation{});
  EXPECT_EQ(plan(Precision::kBfloat16).activations, expected.bf16);
  EXPECT_EQ(plan(Precision::kBfloat16).weight_bits, 0);
  EXPECT_EQ(plan(Precision::kBfloat16).note.empty(), expected.bf16 == Precision::kBfloat16);
  EXPECT_EQ(plan(Precision::kInt8).activations, expected.int8);
  EXPECT_EQ(plan(Precision::kInt8).weight_bits, expected.int8_bits);
  EXPECT_EQ(plan(Precision::kInt8).note.empty(), expected.int8_bits == 8);
}

constexpr Precision kFp32 = Precision::kFloat32;
constexpr Precision kBf16 = Precision::kBfloat16;

INSTANTIATE_TEST_SUITE_P(
    Processors, ProcessorTest,
    testing::Values(Choices{"Nehalem", nehalem(), KernelVariant::kAnyProcessor, kFp32, kFp32, kFp32, 7},
                    Choices{"Haswell", haswell(), KernelVariant::kAvx2, kFp32, kFp32, kFp32, 7},
                    Choices{"SkylakeX", skylake_x(), KernelVariant::kAvx512, kFp32, kFp32, kFp32, 7},
                    Choices{"IceLake", ice_lake(), KernelVariant::kAvx512Vnni, kFp32, kFp32, kFp32, 8},
                    Choices{"SapphireRapids", sapphire_rapids(), KernelVariant::kAvx512Bf16, kBf16, kBf16,
                            kBf16, 8},
                    Choices{"AlderLake", alder_lake(), KernelVariant::kAvxVnni, kFp32, kFp32, kFp32, 8},
                    Choices{"Zen1", haswell(), KernelVariant::kAvx2, kFp32, kFp32, kFp32, 7},
                    Choices{"Zen3", haswell(), KernelVariant::kAvx2, kFp32, kFp32, kFp32, 7},
                    Choices{"Zen4", zen4(), KernelVariant::kAvx512Bf16, kBf16, kBf16, kBf16, 8},
                    Choices{"Zen5", zen5(), KernelVariant::kAvx512Bf16, kBf16, kBf16, kBf16, 8}),
    [](const auto& information) { return std::string(information.param.name); });

TEST(ProcessorTest, APartOfALevelIsNotTheLevel) {  // as in virtual machines that hide some of it
  ProcessorFeatures features = sapphire_rapids();
  features.avx512vl = false;
  EXPECT_EQ(kernel_variant(features), KernelVariant::kAvxVnni);
  EXPECT_FALSE(has_bfloat16(features));
  features.bmi2 = false;
  EXPECT_EQ(kernel_variant(features), KernelVariant::kAnyProcessor);
  features = sapphire_rapids();
  features.avx512_vnni = false;
  EXPECT_EQ(kernel_variant(features), KernelVariant::kAvx512);
  EXPECT_TRUE(has_bfloat16(features));
}

TEST(ProcessorTest, ALevelMakesOneProcessorOfAnother) {
  const auto at = [](std::string_view level) { return *limit_features(sapphire_rapids(), level); };
  const auto choices = [](const ProcessorFeatures& features) {
    return std::tuple(kernel_variant(features), has_bfloat16(features), features.amx_int8);
  };
  EXPECT_EQ(choices(at("x86-64-v2")), choices(nehalem()));
  EXPECT_EQ(choices(at("avx2")), choices(haswell()));
  EXPECT_EQ(choices(at("avx_vnni")), choices(alder_lake()));
  EXPECT_EQ(choices(at("avx512")), choices(skylake_x()));
  EXPECT_EQ(choices(at("avx512_vnni")), choices(ice_lake()));
  EXPECT_EQ(at("avx512_bf16"), zen5());
  EXPECT_EQ(at("amx_int8"), sapphire_rapids());
  EXPECT_EQ(limit_features(haswell(), "avx512_bf16"), haswell());  // nothing is added
  for (const char* word : {"", "AVX2", "avx", "avx10"})
    EXPECT_EQ(limit_features(sapphire_rapids(), word), std::nullopt) << word;
  EXPECT_EQ(isa_levels().size(), 7U);
  for (const std::string_view level : isa_levels()) EXPECT_TRUE(limit_features(haswell(), level));
}

TEST(ProcessorTest, SaysWhyItIsTooOld) {
  ProcessorFeatures penryn = nehalem();
  penryn.sse4_2 = penryn.popcnt = false;
  ProcessorFeatures conroe = penryn;
  conroe.sse4_1 = false;
  const auto problem = [](const ProcessorFeatures& features) {
    return why_not_supported(features).value_or("none");
  };
  EXPECT_EQ(problem(penryn), "none");
#if defined(__x86_64__)
  EXPECT_EQ(problem(conroe).find("this processor lacks SSE4.1, "), 0U) << problem(conroe);
  EXPECT_EQ(problem(conroe).find('\n'), std::string::npos);
#endif
  EXPECT_EQ(problem(nehalem()), "none");
  EXPECT_EQ(why_not_supported(), std::nullopt);  // or this test would not run
}

// A Sapphire Rapids in a virtual machine.
constexpr CpuidRegisters kRegisters = {.leaf1_ecx = 0xFFFA3203,
                                       .leaf7_ebx = 0xF1BF27EB,
                                       .leaf7_ecx = 0x1B415FDE,
                                       .leaf7_edx = 0xBFC14410,
                                       .leaf7_1_eax = 0x00001C30,
                                       .extended_ecx = 0x00000121,
                                       .xcr0 = 0x000602E7};

TEST(ProcessorTest, DecodesCpuid) { EXPECT_EQ(decode_cpuid(kRegisters), sapphire_rapids()); }

TEST(ProcessorTest, TakesNoRegistersThatTheSystemDoesNotKeep) {
  CpuidRegisters registers = kRegisters;
  registers.xcr0 = 0x2E7;  // no tiles
  EXPECT_EQ(decode_cpuid(registers), zen5());
  registers.xcr0 = 0x07;  // no opmask, no upper halves
  EXPECT_EQ(decode_cpuid(registers), alder_lake());
  registers.xcr0 = 0x03;
  EXPECT_EQ(kernel_variant(decode_cpuid(registers)), KernelVariant::kAnyProcessor);
  EXPECT_EQ(why_not_supported(decode_cpuid(registers)), std::nullopt);
  registers = kRegisters;
  registers.leaf1_ecx &= ~(1U << 27);  // OSXSAVE
  EXPECT_EQ(kernel_variant(decode_cpuid(registers)), KernelVariant::kAnyProcessor);
}

TEST(ProcessorTest, AgreesWithTheSystem) {
  std::ifstream file("/proc/cpuinfo");
  std::set<std::string> flags;
  for (std::string line; flags.empty() && std::getline(file, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) flags.insert(word);
  }
  if (flags.empty()) GTEST_SKIP() << "/proc/cpuinfo has no flags";
  const ProcessorFeatures features = read_processor();
  const std::pair<const char*, bool> expected[] = {{"ssse3", features.ssse3},
                                                   {"sse4_1", features.sse4_1},
                                                   {"sse4_2", features.sse4_2},
                                                   {"popcnt", features.popcnt},
                                                   {"avx2", features.avx2},
                                                   {"fma", features.fma},
                                                   {"f16c", features.f16c},
                                                   {"movbe", features.movbe},
                                                   {"bmi1", features.bmi1},
                                                   {"bmi2", features.bmi2},
                                                   {"abm", features.lzcnt},
                                                   {"avx512f", features.avx512f},
                                                   {"avx512bw", features.avx512bw},
                                                   {"avx512cd", features.avx512cd},
                                                   {"avx512dq", features.avx512dq},
                                                   {"avx512vl", features.avx512vl},
                                                   {"avx_vnni", features.avx_vnni},
                                                   {"avx512_vnni", features.avx512_vnni},
                                                   {"avx512_bf16", features.avx512_bf16},
                                                   {"amx_int8", features.amx_int8}};
  for (const auto& [flag, is_there] : expected) {
    // An old kernel may not know the newest flags; what it knows is there.
    EXPECT_TRUE(is_there || !flags.contains(flag)) << flag;
    const bool is_new = std::string(flag).find("vnni") != std::string::npos ||
                        std::string(flag) == "avx512_bf16" || std::string(flag) == "amx_int8";
    EXPECT_TRUE(is_new || flags.contains(flag) == is_there) << flag;
  }
}

}  // namespace
}  // namespace clipcls
