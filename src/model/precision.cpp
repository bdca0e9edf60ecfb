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

// fp32: the exporter's own bar; sums in another order move a cosine by 1e-7, weights stored in half precision
// by 1e-6. What bf16 and int8 cost depends on the model: 1 - cosine is near 1e-4 and 1e-3 for ViT-B/32,
// in int8 7e-3 for the bundled one, and up to thirty times that where activations have outliers. The bars are
// those that the program's own models keep on every processor; a model beyond them should not be used so.
double least_cosine(Precision precision) {
  switch (precision) {
    case Precision::kInt8:
      return 0.99;
    case Precision::kBfloat16:
    case Precision::kFloat16:
      return 0.999;
    default:
      return 0.99999;
  }
}

bool has_bfloat16_hardware() { return has_bfloat16(this_processor()); }

Precision automatic_precision() { return automatic_precision(this_processor()); }

}  // namespace clipcls
