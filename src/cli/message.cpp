#include "message.h"

#include <iostream>

#include "clipcls/report/display_text.h"

namespace clipcls {

void print_message(const std::string& message) { std::cerr << "clipcls: " + printable(message) + "\n"; }

void print_warning(const std::string& message) { print_message("warning: " + message); }

}  // namespace clipcls
