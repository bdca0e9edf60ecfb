#include "text_output/format_number.h"

#include <array>
#include <charconv>

namespace clipcls {
namespace {

template <typename Number>
std::string digits(Number value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

std::string shortest_digits(double value) { return digits(value); }

std::string shortest_digits(float value) { return digits(value); }

}  // namespace clipcls
