#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// One field of a form.
struct FormPart {
  std::string name;
  std::optional<std::string> filename;
  std::string_view data;  ///< in the body that was parsed
};

/// The value of parameter `name` in a header such as "multipart/form-data; boundary=x", without quotes; none:
/// there is none.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name);

/// The parts of a multipart/form-data body (RFC 7578), at most `max_parts`. Throws Error (kInvalidArgument).
std::vector<FormPart> parse_multipart(std::string_view body, const std::string& boundary,
                                      std::size_t max_parts);

}  // namespace clipcls
