#pragma once

#include <string>

namespace clipcls {

/// The shortest digits that read back as the same number: 0.2 and not 0.20000000298023224.
std::string shortest_digits(double value);
std::string shortest_digits(float value);

}  // namespace clipcls
