#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// What SimpleTokenizer does with a text before it splits it (clean="lower"): ftfy's repairs, HTML references
/// unescaped twice, runs of whitespace to one space and none at the ends, lower case.
std::u32string clean_text(std::u32string_view text);

/// " ".join(text.split()) of Python.
std::u32string collapse_whitespace(std::u32string_view text);

}  // namespace clipcls
