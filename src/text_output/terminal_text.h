#pragma once

#include <string>
#include <string_view>

namespace clipcls {

// Texts for a terminal that knows colours and links. The functions take texts that printable() has gone over.

/// `text`, which is one line, in at most `columns` columns; what is cut off leaves an ellipsis.
std::string shortened_to(std::string_view text, int columns);

/// Blanks that widen a text of `width` columns to `columns`; none where it is as wide.
std::string padding(int width, int columns);

/// A bar of `share`, 0 to 1, of `columns`: in eighths of a column, or of whole # where the terminal is not
/// one of UTF-8. A share that is not 0 shows something.
std::string bar(double share, int columns, bool is_utf8);

/// `text` in bold, or in bold and green.
std::string in_bold(const std::string& text);
std::string in_green(const std::string& text);

/// `text` as a link to the file `path` on this machine, `host` (OSC 8).
std::string linked(const std::string& text, const std::string& path, const std::string& host);

}  // namespace clipcls
