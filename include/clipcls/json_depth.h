#pragma once

#include <string_view>

namespace clipcls {

/// Whether the brackets of a JSON text nest deeper than 64. No file of ours does; a value of a million
/// brackets can be parsed, and then neither copied nor printed, which takes as deep a recursion. Says nothing
/// of a text that is no JSON.
bool is_nested_too_deeply(std::string_view json);

}  // namespace clipcls
