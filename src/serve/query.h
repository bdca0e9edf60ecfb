#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clipcls {

/// The fields of a query, "a=b&c=d%20e", in order. Throws Error (kInvalidArgument).
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace clipcls
