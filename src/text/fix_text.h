#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// ftfy.fix_text() with fix_encoding=False: every repair of ftfy's but the guess whether a text was decoded
/// with the wrong encoding ("schÃ¶n" for "schön").
std::u32string fix_text(std::u32string_view text);

}  // namespace clipcls
