#pragma once

#include <string_view>

#include "decoders.h"

namespace clipcls {

/// What a file is that is in no format that is read, "a PDF document"; empty: no known kind. Its first bytes
/// tell, and none of these is a sign of a format that is read.
std::string_view foreign_kind(Bytes bytes);

}  // namespace clipcls
