#include "fast_linear.h"

#include <utility>

#include "packed_linear.h"
#include "panel_linear.h"
#include "quantized_linear.h"
#include "tile_quantized_linear.h"

namespace clipcls {

bool has_own_product() {
  return this_kernel_variant() == KernelVariant::kAvx2 || this_kernel_variant() == KernelVariant::kAvxVnni;
}

c10::intrusive_ptr<LinearLayer> make_fast_linear(std::function<at::Tensor()> weight,
                                                 std::optional<at::Tensor> bias,
                                                 const LinearActivation& activation, at::ScalarType type) {
  if (type == at::kFloat && has_own_product())
    return c10::make_intrusive<PanelLinear>(std::move(weight), std::move(bias), activation);
  return c10::make_intrusive<PackedLinear>(std::move(weight), std::move(bias), activation);
}

c10::intrusive_ptr<LinearLayer> make_quantized_linear(const at::Tensor& weight,
                                                      const std::optional<at::Tensor>& bias,
                                                      const LinearActivation& activation, int weight_bits) {
  TORCH_CHECK(weight.size(1) <= kMaxIntegerInputs, "a layer of ", weight.size(1),
              " inputs is too long for 8 bits");
  if (this_processor().amx_int8 && adds_up_8_bits())
    return c10::make_intrusive<TileQuantizedLinear>(weight, bias, activation, weight_bits);
  return c10::make_intrusive<QuantizedLinear>(weight, bias, activation, weight_bits);
}

}  // namespace clipcls
