#pragma once

#include <string>

namespace clipcls {

/// `text` in single quotes, as bash and zsh read it.
std::string shell_quote(const std::string& text);

/// `text` as one word of a command line: quoted where it has to be.
std::string shell_word(const std::string& text);

}  // namespace clipcls
