#pragma once

#include <functional>
#include <string>

namespace clipcls {

/// Takes one line of text, without an end of line: the library prints nothing itself.
using OnMessage = std::function<void(const std::string&)>;

/// For who does not want to hear.
inline void ignore_message(const std::string& /*message*/) {}

}  // namespace clipcls
