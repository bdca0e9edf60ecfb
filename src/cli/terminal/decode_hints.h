#pragma once

#include <functional>

#include "pipeline/image_result.h"

namespace clipcls {

/// An EncodeOptions::on_loss that says on standard error what is lost: each kind of loss once, at the first
/// picture that has it. Safe for several threads; its copies count as one.
std::function<void(const ImageResult&)> make_decode_hints();

}  // namespace clipcls
