#pragma once

#include <string_view>

namespace clipcls {

/// Whether name `a` comes before name `b` as people count: runs of ASCII digits by their number, so that img2
/// comes before img10, everything else by its bytes. Names that differ in nothing else (img2, img02) come in
/// byte order, so that the order is total and the same everywhere.
bool is_naturally_before(std::string_view a, std::string_view b);

}  // namespace clipcls
