#include "fast_linear.h"

#include <utility>

#include "packed_linear.h"
#include "panel_linear.h"

namespace clipcls {

bool has_own_product() { return this_kernel_variant() == KernelVariant::kAvx2; }

c10::intrusive_ptr<LinearLayer> make_fast_linear(std::function<at::Tensor()> weight,
                                                 std::optional<at::Tensor> bias,
                                                 const LinearActivation& activation, at::ScalarType type) {
  if (type == at::kFloat && has_own_product())
    return c10::make_intrusive<PanelLinear>(std::move(weight), std::move(bias), activation);
  return c10::make_intrusive<PackedLinear>(std::move(weight), std::move(bias), activation);
}

}  // namespace clipcls
