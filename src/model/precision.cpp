#include "model/precision.h"

#include "model/computation.h"

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

bool has_bfloat16_hardware() { return has_bfloat16(this_processor()); }

Precision automatic_precision() { return automatic_precision(this_processor()); }

}  // namespace clipcls
