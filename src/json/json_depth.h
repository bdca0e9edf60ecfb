#pragma once

#include <string_view>

namespace clipcls {

/// How deep the JSON is that this program reads. No file of ours is deeper; a value of a million brackets can
/// be parsed, and then neither copied nor printed, which takes as deep a recursion.
inline constexpr int kMaxJsonDepth = 64;

/// Whether the brackets of a JSON text nest deeper than `max_depth`. Says nothing of a text that is no JSON.
bool is_nested_too_deeply(std::string_view json, int max_depth = kMaxJsonDepth);

}  // namespace clipcls
