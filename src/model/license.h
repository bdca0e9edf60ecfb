#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace clipcls {

/// Whether a licence, by the names that the hub uses, bars commercial use: the "non-commercial" ones of
/// Creative Commons, and those for research alone. Of others nothing is known.
inline bool bars_commercial_use(std::string_view license) {
  std::string name(license);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 7> kParts = {
      "-nc-", "by-nc", "non-commercial", "noncommercial", "research", "apple-amlr", "academic"};
  return std::ranges::any_of(kParts,
                             [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

/// What is said of such a model.
inline std::string commercial_warning(const std::string& license) {
  return "the licence of the weights, " + license + ", bars commercial use";
}

}  // namespace clipcls
