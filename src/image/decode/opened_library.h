#pragma once

#include <string>

#include "base/shared_library.h"
#include "decoders.h"

namespace clipcls {

/// What of `Library`, a struct whose construction opens a library and finds its functions, is here. `version`
/// asks an open one.
template <typename Library, typename Version>
LibraryState state_of_library(const char* package, Version version) {
  try {
    const Library library;
    return {version(library), package, ""};
  } catch (const Error& error) {
    return {"", package, error.what()};
  }
}

}  // namespace clipcls
