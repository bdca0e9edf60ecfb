#include "text_output/format_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace clipcls {
namespace {

/// fmt's own shortest form has other exponents, and results are the same from version to version.
template <typename Number>
std::string digits(Number value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// The double that is nearest to the digits of `value` in this format; never -0.
double rounded(double value, std::chars_format format, int precision) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format, precision);
  double result = 0;
  std::from_chars(text.data(), end.ptr, result);
  return result == 0 ? 0 : result;
}

/// Whether `text`, a number with its decimals, is a zero.
bool is_zero(const std::string& text) { return text.find_first_of("123456789") == std::string::npos; }

}  // namespace

std::string shortest_digits(double value) { return digits(value); }

std::string shortest_digits(float value) { return digits(value); }

// Note [Digits of results]. An encoder adds in another order for another number of images, so that what is
// computed in 32 bits has no more than about six digits that are the same for an image alone and among
// others: a cosine, the sum of terms that cancel, to 1e-7 or so whatever its size; a share to 1e-5 of itself,
// times what it lacks to 1. Digits behind these would make two runs differ that say the same.
double result_number(double value) {
  if (value == 0 || !std::isfinite(value)) return value == 0 ? 0 : value;
  constexpr int kMaxDecimals = 6;
  constexpr int kMinDigits = 4;
  constexpr int kMaxDigits = 6;
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  const int num_digits = std::clamp(exponent + 1 + kMaxDecimals, kMinDigits, kMaxDigits);
  return rounded(value, std::chars_format::scientific, num_digits - 1);
}

double result_cosine(double cosine) { return rounded(cosine, std::chars_format::fixed, 6); }

std::string fixed_digits(double value, int num_decimals) {
  const std::string text = fmt::format("{:.{}f}", value, num_decimals);
  return text.starts_with('-') && is_zero(text) ? text.substr(1) : text;
}

std::string signed_digits(double value, int num_decimals) {
  const std::string text = fixed_digits(value, num_decimals);
  return text.starts_with('-') ? text : "+" + text;
}

// The one place that says how many digits a share and a cosine have.
std::string percentage(double share) { return fixed_digits(100 * share, 2) + "%"; }

std::string cosine_digits(double cosine) { return fixed_digits(cosine, 4); }

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
