#include "natural_order.h"

#include <algorithm>
#include <cstddef>

namespace clipcls {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the run of digits off the front of `text`, and its leading zeros off the run.
std::string_view take_number(std::string_view& text) {
  std::size_t num_digits = 0;
  while (num_digits < text.size() && is_digit(text[num_digits])) ++num_digits;
  std::string_view number = text.substr(0, num_digits);
  text.remove_prefix(number.size());
  // Without leading zeros the longer run is the larger number, so numbers of any length compare as texts.
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

bool is_naturally_before(std::string_view a, std::string_view b) {
  std::string_view rest_of_a = a;
  std::string_view rest_of_b = b;
  while (!rest_of_a.empty() && !rest_of_b.empty()) {
    if (is_digit(rest_of_a.front()) && is_digit(rest_of_b.front())) {
      const std::string_view number_of_a = take_number(rest_of_a);
      const std::string_view number_of_b = take_number(rest_of_b);
      if (number_of_a.size() != number_of_b.size()) return number_of_a.size() < number_of_b.size();
      if (number_of_a != number_of_b) return number_of_a < number_of_b;
      continue;
    }
    // Unsigned, as char may be signed: UTF-8 sorts behind ASCII and in the order of code points.
    const auto byte_of_a = static_cast<unsigned char>(rest_of_a.front());
    const auto byte_of_b = static_cast<unsigned char>(rest_of_b.front());
    if (byte_of_a != byte_of_b) return byte_of_a < byte_of_b;
    rest_of_a.remove_prefix(1);
    rest_of_b.remove_prefix(1);
  }
  if (rest_of_a.empty() != rest_of_b.empty()) return rest_of_a.empty();
  // "a1" and "a01" are equal so far; the order must still be total, or it would depend on the disk's.
  return a < b;
}

}  // namespace clipcls
