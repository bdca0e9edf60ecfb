#pragma once

#include <cstdint>
#include <string>

namespace clipcls {

// Numbers as people read them: the same in every command and every format that is text.

/// The shortest digits that read back as the same number: 0.2 and not 0.20000000298023224.
std::string shortest_digits(double value);
std::string shortest_digits(float value);

/// The number that results say in place of `value`, a share or another figure: at most six significant
/// digits, none of them behind the sixth decimal, but four in any case. See Note [Digits of results].
double result_number(double value);

/// The same of a cosine: six decimals.
double result_cosine(double cosine);

/// `value` with so many decimals; a zero has no minus sign.
std::string fixed_digits(double value, int num_decimals);

/// The same with a plus sign where there is no minus sign: "+1.20".
std::string signed_digits(double value, int num_decimals);

/// "57.62%" of a share of 1.
std::string percentage(double share);

/// "0.9712": a cosine has no percentage.
std::string cosine_digits(double cosine);

/// "338 MB": decimal units, three digits.
std::string format_bytes(std::uint64_t num_bytes);

}  // namespace clipcls
