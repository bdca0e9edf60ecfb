#include "clipcls/model/precision.h"

namespace clipcls {

std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::kFloat32:
      return "fp32";
    case Precision::kBfloat16:
      return "bf16";
    case Precision::kFloat16:
      return "fp16";
    case Precision::kInt8:
      return "int8";
    case Precision::kAutomatic:
      return "auto";
  }
  return "";
}

bool has_bfloat16_hardware() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

Precision automatic_precision() {
  return has_bfloat16_hardware() ? Precision::kBfloat16 : Precision::kFloat32;
}

}  // namespace clipcls
