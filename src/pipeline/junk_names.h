#pragma once

#include <string_view>

namespace clipcls {

/// Whether a file or folder of this name is left out of a folder: hidden ones, which have a leading dot, and
/// what systems and network storage put beside people's files (@eaDir, $RECYCLE.BIN, …).
bool is_junk_name(std::string_view name);

}  // namespace clipcls
