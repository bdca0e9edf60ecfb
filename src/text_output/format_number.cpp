#include "text_output/format_number.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace clipcls {
namespace {

/// fmt's own shortest form has other exponents, and results are the same from version to version.
template <typename Number>
std::string digits(Number value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

std::string shortest_digits(double value) { return digits(value); }

std::string shortest_digits(float value) { return digits(value); }

// The one place that says how many digits a share and a cosine have.
std::string percentage(double share) { return fmt::format("{:.2f}%", 100 * share); }

std::string cosine_digits(double cosine) { return fmt::format("{:.4f}", cosine); }

}  // namespace clipcls
