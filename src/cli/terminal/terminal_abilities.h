#pragma once

namespace clipcls {

// What can be shown on an open file: nothing but lines where it is no terminal, or one that says $TERM=dumb.

/// A terminal that can do more than print lines.
bool is_capable_terminal(int descriptor);

/// That, and $NO_COLOR is not set (no-color.org).
bool wants_colours(int descriptor);

/// That it does not show the escapes of a link (OSC 8) as text: most know links or leave them out.
bool takes_links(int descriptor);

/// Its width; 80 where it does not say.
int terminal_columns(int descriptor);

/// Whether texts are UTF-8 by the locale; also where none is set, as in containers.
bool is_utf8_locale();

}  // namespace clipcls
