#include "processor/processor.h"

#include <array>
#include <cstdlib>

#include "clipcls/error.h"

namespace clipcls {
namespace {

struct IsaLevel {
  std::string_view name;
  bool has_avx2, has_avx_vnni, has_avx512, has_avx512_vnni, has_avx512_bf16, has_amx_int8;
};

// The words of CLIPCLS_MAX_ISA, each with processors of that level.
constexpr std::array<IsaLevel, 7> kLevels = {{
    {"x86-64-v2", false, false, false, false, false, false},  // Nehalem
    {"avx2", true, false, false, false, false, false},        // Haswell, Zen 1 to 3
    {"avx_vnni", true, true, false, false, false, false},     // Alder Lake
    {"avx512", true, false, true, false, false, false},       // Skylake-X
    {"avx512_vnni", true, false, true, true, false, false},   // Ice Lake
    {"avx512_bf16", true, true, true, true, true, false},     // Zen 4 and 5
    {"amx_int8", true, true, true, true, true, true},         // Sapphire Rapids
}};

/// x86-64-v3: of a virtual machine some of it may be missing.
bool has_avx2_level(const ProcessorFeatures& features) {
  return features.avx2 && features.fma && features.f16c && features.movbe && features.bmi1 && features.bmi2 &&
         features.lzcnt;
}

bool has_avx512_level(const ProcessorFeatures& features) {
  return has_avx2_level(features) && features.avx512f && features.avx512bw && features.avx512cd &&
         features.avx512dq && features.avx512vl;
}

ProcessorFeatures features_of_this_run() {
  const char* level = std::getenv("CLIPCLS_MAX_ISA");
  if (level == nullptr || *level == '\0') return read_processor();
  if (const auto features = limit_features(read_processor(), level)) return *features;
  std::string words;
  for (const std::string_view word : isa_levels()) words += (words.empty() ? "" : ", ") + std::string(word);
  throw Error(ErrorKind::kInvalidArgument,
              "CLIPCLS_MAX_ISA: \"" + std::string(level) + "\" is not one of " + words);
}

}  // namespace

std::optional<ProcessorFeatures> limit_features(const ProcessorFeatures& features, std::string_view level) {
  for (const IsaLevel& known : kLevels) {
    if (known.name != level) continue;
    ProcessorFeatures limited = features;
    // Never more than there is: a level is a limit.
    limited.avx2 &= known.has_avx2;
    limited.fma &= known.has_avx2;
    limited.avx_vnni &= known.has_avx_vnni;
    limited.avx512f &= known.has_avx512;
    limited.avx512_vnni &= known.has_avx512_vnni;
    limited.avx512_bf16 &= known.has_avx512_bf16;
    limited.amx_int8 &= known.has_amx_int8;
    return limited;
  }
  return std::nullopt;
}

std::vector<std::string_view> isa_levels() {
  std::vector<std::string_view> names;
  names.reserve(kLevels.size());
  for (const IsaLevel& level : kLevels) names.push_back(level.name);
  return names;
}

const ProcessorFeatures& this_processor() {
  static const ProcessorFeatures features = features_of_this_run();
  return features;
}

KernelVariant kernel_variant(const ProcessorFeatures& features) { return kernel_variants(features).back(); }

std::vector<KernelVariant> kernel_variants(const ProcessorFeatures& features) {
  // From the plainest to the fastest.
  std::vector<KernelVariant> variants = {KernelVariant::kAnyProcessor};
  if (has_avx2_level(features)) variants.push_back(KernelVariant::kAvx2);
  if (has_avx2_level(features) && features.avx_vnni) variants.push_back(KernelVariant::kAvxVnni);
  if (has_avx512_level(features)) variants.push_back(KernelVariant::kAvx512);
  if (has_avx512_level(features) && features.avx512_vnni) variants.push_back(KernelVariant::kAvx512Vnni);
  // A virtual machine may hide VNNI; no processor multiplies bfloat16 without it.
  if (has_bfloat16(features) && features.avx512_vnni) variants.push_back(KernelVariant::kAvx512Bf16);
  return variants;
}

KernelVariant this_kernel_variant() {
  static const KernelVariant variant = kernel_variant(this_processor());
  return variant;
}

bool has_bfloat16(const ProcessorFeatures& features) {
  return has_avx512_level(features) && features.avx512_bf16;
}

bool has_vnni(KernelVariant variant) {
  switch (variant) {
    case KernelVariant::kAvxVnni:
    case KernelVariant::kAvx512Vnni:
    case KernelVariant::kAvx512Bf16:
      return true;
    case KernelVariant::kAnyProcessor:
    case KernelVariant::kAvx2:
    case KernelVariant::kAvx512:
      break;
  }
  return false;
}

std::optional<std::string> why_not_supported(const ProcessorFeatures& features) {
#if defined(__x86_64__)
  if (features.sse4_1) return std::nullopt;
  return "this processor lacks SSE4.1, which libtorch needs: Intel's processors have it from 2008 on, AMD's "
         "from 2011 "
         "on";
#else
  static_cast<void>(features);
  return std::nullopt;
#endif
}

// What the processor really has and not what CLIPCLS_MAX_ISA leaves: libtorch does not look at that.
std::optional<std::string> why_not_supported() { return why_not_supported(read_processor()); }

}  // namespace clipcls
