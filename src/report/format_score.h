#pragma once

#include <string>

#include "zero_shot/classifier.h"

namespace clipcls {

/// "57.62%" for shares; a cosine has no percentage and is printed as it is.
std::string format_score(double score, ScoreKind kind);

/// The number that json, csv and tsv say, see Note [Digits of results].
double result_score(double score, ScoreKind kind);

}  // namespace clipcls
