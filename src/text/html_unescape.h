#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// html.unescape() of Python: every character reference, as HTML 5 reads them, names without a semicolon
/// included ("&notit;" is "¬it;").
std::u32string unescape_html(std::u32string_view text);

/// ftfy's cautious kind: names end in a semicolon ("&notit;" stays), numbers are whole.
std::u32string unescape_html_cautiously(std::u32string_view text);

}  // namespace clipcls
