#pragma once

#include <string>

namespace clipcls {

/// Says on standard error what licence the weights are under, as their makers publish it, and warns where it
/// bars commercial use.
void show_license(const std::string& license);

}  // namespace clipcls
