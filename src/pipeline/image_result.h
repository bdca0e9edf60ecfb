#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "image/decode_image.h"
#include "zero_shot/classifier.h"

namespace clipcls {

/// What became of one input.
struct ImageResult {
  std::string path;
  std::vector<RankedAnswer> predictions;  ///< best first; empty when there is an error
  std::optional<Error> error{};
  std::vector<std::uint8_t> thumbnail{};  ///< a JPEG file; empty: none was asked for
  std::string sorted_into{};              ///< where the file was put; empty: it is where it was
  DecodeNotes notes{};                    ///< what decoding lost without an error
};

}  // namespace clipcls
