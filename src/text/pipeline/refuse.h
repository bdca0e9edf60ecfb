#pragma once

#include <string>

#include "base/shortened.h"
#include "clipcls/error.h"

namespace clipcls {

/// Throws Error (kModel) with `problem`, cut where it is long: a piece of a hostile file may have any length.
[[noreturn]] inline void refuse_tokenizer(const std::string& problem) {
  constexpr std::size_t kMaxProblem = 300;
  throw Error(ErrorKind::kModel, shortened(problem, kMaxProblem));
}

}  // namespace clipcls
