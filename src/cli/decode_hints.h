#pragma once

#include <functional>

#include "clipcls/pipeline/image_result.h"

namespace clipcls {

/// What EncodeOptions::on_loss of a run says on standard error: each kind of loss once, at the first picture
/// that has it, and nothing where `is_quiet` is true then. Safe for several threads, with its copies.
std::function<void(const ImageResult&)> make_decode_hints(const bool& is_quiet);

}  // namespace clipcls
