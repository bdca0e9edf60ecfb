#pragma once

#include <string>

namespace clipcls {

/// One line on standard error: "clipcls: MESSAGE", control characters made visible.
void print_message(const std::string& message);

/// print_message() of "warning: MESSAGE".
void print_warning(const std::string& message);

}  // namespace clipcls
