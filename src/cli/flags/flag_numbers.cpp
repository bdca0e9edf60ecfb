#include "cli/flags/flag_numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "clipcls/error.h"
#include "text_output/format_number.h"

namespace clipcls {

void refuse_value(const std::string& names, const std::string& value, const std::string& right) {
  throw Error(ErrorKind::kUsage, names.substr(names.rfind(',') + 1) + " " + value + ": is " + right);
}

std::string bound_text(double value) { return fmt::format("{:.15g}", value); }

double parse_number(const std::string& names, const std::string& text, double low, double high) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  // No range has nan or inf in it.
  if (error == std::errc() && rest == end && number >= low && number <= high) return number;
  std::string right = "not a number from " + bound_text(low) + " to " + bound_text(high);
  // Results print percentages, so that they are what people write.
  const bool is_percentage = error == std::errc() && (rest == end || std::string_view(rest, end) == "%");
  if (is_percentage && high == 1 && number > 0 && number <= 100)
    right += "; write " + bound_text(number / 100);
  refuse_value(names, text, right);
}

std::uint64_t parse_whole_number(const std::string& names, const std::string& text, std::uint64_t low,
                                 std::uint64_t high) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number < low || number > high)
    refuse_value(names, text,
                 "not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return number;
}

std::string number_text(double value) {
  std::string text = std::to_string(value);
  double again = 0;
  std::from_chars(text.data(), text.data() + text.size(), again);
  return again == value ? text : shortest_digits(value);
}

}  // namespace clipcls
