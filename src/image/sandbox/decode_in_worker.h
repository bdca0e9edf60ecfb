#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "image/decode_image.h"

namespace clipcls {

/// decode_image() in a worker that has opened the library of `kind`, a format, or none for another word.
/// Nothing: there are no workers, and the picture is to be decoded here. Throws Error: what decode_image()
/// throws; kBrokenImage, too, where a new worker ends of this picture or takes too long; kUnreadable where
/// no worker can be started any more. `format` is for messages.
std::optional<RgbImage> decode_in_worker(std::string_view kind, std::string_view format,
                                         std::span<const std::uint8_t> bytes, const DecodeOptions& options,
                                         DecodeNotes* notes);

}  // namespace clipcls
