#pragma once

#include <string>

#include "base/shortened.h"
#include "clipcls/error.h"

namespace clipcls {

/// Throws Error (kModel) with `message`, cut where it is long: a name in a hostile file may have millions of
/// bytes.
[[noreturn]] inline void fail(const std::string& message) {
  constexpr std::size_t kMaxMessage = 400;
  throw Error(ErrorKind::kModel, shortened(message, kMaxMessage));
}

}  // namespace clipcls
