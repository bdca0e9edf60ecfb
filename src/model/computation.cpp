#include "model/computation.h"

namespace clipcls {

Precision automatic_precision(const ProcessorFeatures& processor) {
  return has_bfloat16(processor) ? Precision::kBfloat16 : Precision::kFloat32;
}

Computation plan_computation(Precision precision, bool has_bfloat16, bool has_vnni) {
  switch (precision) {
    case Precision::kBfloat16:
      if (has_bfloat16) return {.activations = Precision::kBfloat16};
      return {.note =
                  "not on this processor, which does not multiply bfloat16: computed in fp32, and no faster "
                  "than that"};
    case Precision::kInt8: {
      // 7 bits: the products of two pairs then fit 16 bits, in which processors without VNNI add them up.
      Computation computation = {.weight_bits = has_vnni ? 8 : 7};
      if (has_bfloat16) computation.activations = Precision::kBfloat16;
      if (!has_vnni)
        computation.note =
            "weights of 7 bits instead of 8: this processor has no VNNI, without which sums of 8-bit "
            "products saturate";
      return computation;
    }
    case Precision::kFloat16:
      return {.activations = Precision::kFloat16};
    case Precision::kFloat32:
    case Precision::kAutomatic:
      break;
  }
  return {};
}

}  // namespace clipcls
