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

std::string format_bytes(std::uint64_t num_bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(num_bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

}  // namespace clipcls
