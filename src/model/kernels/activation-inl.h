// What follows a product, behind exponential-inl.h. See processor/for_each_processor-inl.h.
#include "product_activation.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// x / (1 + e^-z)
CLIPCLS_INLINE Floats times_sigmoid(Floats x, Floats z) {
  const Floats e = exp_of_negative(z < 0.0F ? z : -z);
  return (z < 0.0F ? x * e : x) / (e + 1.0F);
}

/// x / 2 · (1 + erf(x / √2)); erf by Abramowitz and Stegun, 7.1.26, absolute error below 1.5e-7.
CLIPCLS_INLINE Floats gelu(Floats x) {
  const Floats z = (x < 0.0F ? -x : x) * 0.707106781F;
  const Floats t = broadcast(1.0F) / (z * 0.3275911F + 1.0F);
  Floats p = t * 1.061405429F - 1.453152027F;
  p = p * t + 1.421413741F;
  p = p * t - 0.284496736F;
  p = p * t + 0.254829592F;
  const Floats upper = p * t * exp_of_negative(-z * z);  // 1 - erf(z)
  return x * 0.5F * (x < 0.0F ? upper : 2.0F - upper);
}

CLIPCLS_INLINE Floats activated(Floats x, ProductActivation activation) {
  switch (activation) {
    case ProductActivation::kRelu:
      return x < 0.0F ? Floats{} : x;  // NaN stays, so that damaged weights do not pass unseen
    case ProductActivation::kSilu:
      return times_sigmoid(x, x);
    case ProductActivation::kGelu:
      return gelu(x);
    case ProductActivation::kGeluTanh:
      return times_sigmoid(x, (x * x * 0.044715F + 1.0F) * x * 1.595769122F);  // 2 · √(2 / π)
    default:
      return x;
  }
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
