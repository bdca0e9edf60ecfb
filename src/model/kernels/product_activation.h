#pragma once

namespace clipcls {

/// What is done to each output of a linear layer.
enum class ProductActivation { kNone, kRelu, kSilu, kGelu, kGeluTanh };

}  // namespace clipcls
