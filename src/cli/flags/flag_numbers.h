#pragma once

#include <cstdint>
#include <string>

namespace clipcls {

// The numbers that flags take. `names`: "-l,--labels", of which a message has the long one.

/// Throws Error (kUsage): "--labels VALUE: is RIGHT".
[[noreturn]] void refuse_value(const std::string& names, const std::string& value, const std::string& right);

/// A number from `low` to `high`, all of `text`. Throws Error (kUsage).
double parse_number(const std::string& names, const std::string& text, double low, double high);

/// A whole number from `low` to `high`, all of `text`. Throws Error (kUsage).
std::uint64_t parse_whole_number(const std::string& names, const std::string& text, std::uint64_t low,
                                 std::uint64_t high);

/// A bound in words: "1e-06", "100000".
std::string bound_text(double value);

/// A number in words: "0.500000", or more digits where these would not give it back.
std::string number_text(double value);

}  // namespace clipcls
