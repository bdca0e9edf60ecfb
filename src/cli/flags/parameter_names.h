#pragma once

#include <string>

#include "pipeline/image_result.h"

namespace clipcls {

// The library knows no command line: its messages name a parameter by its identifier, in backticks, as in
// "lower `max_megapixels`". Here is which flag sets which parameter.

/// `message` with the flag in place of each such parameter: "lower --max-megapixels". What is in no
/// backticks, the name of a file for example, stays as it is.
std::string with_flags(std::string message);

/// `result` with the flags in its error.
ImageResult with_flags(ImageResult result);

}  // namespace clipcls
