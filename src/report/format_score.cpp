#include "format_score.h"

#include <array>
#include <cstdio>

namespace clipcls {

std::string format_score(double score, ScoreKind kind) {
  std::array<char, 32> text{};
  if (kind == ScoreKind::kCosine) {
    std::snprintf(text.data(), text.size(), "%.4f", score);
  } else {
    std::snprintf(text.data(), text.size(), "%.2f%%", 100 * score);
  }
  return text.data();
}

}  // namespace clipcls
