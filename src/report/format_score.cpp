#include "format_score.h"

#include "text_output/format_number.h"

namespace clipcls {

std::string format_score(double score, ScoreKind kind) {
  return kind == ScoreKind::kCosine ? cosine_digits(score) : percentage(score);
}

double result_score(double score, ScoreKind kind) {
  return kind == ScoreKind::kCosine ? result_cosine(score) : result_number(score);
}

}  // namespace clipcls
