#pragma once

#include <string>

#include "zero_shot/classifier.h"

namespace clipcls {

/// "57.62%" for shares; a cosine has no percentage and is printed as it is.
std::string format_score(double score, ScoreKind kind);

}  // namespace clipcls
