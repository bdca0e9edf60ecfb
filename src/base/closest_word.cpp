#include "base/closest_word.h"

#include <algorithm>
#include <cstddef>

namespace clipcls {
namespace {

// A longer word is no typo of a name, and the distance takes time for the square of it.
constexpr std::size_t kMaxLength = 64;

/// What counts of a word.
std::string essence(std::string_view word) {
  std::string text;
  for (const char character : word) {
    if (character == '-' || character == '_' || character == ' ') continue;
    text += character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
  }
  return text;
}

/// Optimal string alignment: Levenshtein's distance in which two letters that are swapped count one.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> cost(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= to.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      const bool are_swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (are_swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[from.size()][to.size()];
}

}  // namespace

std::string closest_word(std::string_view word, const std::vector<std::string>& words) {
  if (word.size() > kMaxLength) return "";
  const std::string meant = essence(word);
  if (meant.empty()) return "";
  // "sever" is two away from "serve".
  std::size_t nearest = std::min<std::size_t>((meant.size() + 1) / 3, 2) + 1;
  std::string closest;
  for (const std::string& candidate : words) {
    if (candidate.size() > kMaxLength) continue;
    const std::size_t distance = edit_distance(meant, essence(candidate));
    if (distance >= nearest) continue;
    nearest = distance;
    closest = candidate;
  }
  return closest;
}

std::string perhaps_meant(std::string_view word, const std::vector<std::string>& words) {
  const std::string closest = closest_word(word, words);
  return closest.empty() ? "" : "; perhaps " + closest + " is meant";
}

}  // namespace clipcls
