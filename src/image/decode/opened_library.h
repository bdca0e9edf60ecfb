#pragma once

#include <string>

#include "base/shared_library.h"
#include "decoders.h"

namespace clipcls {

/// The one `Library`, a struct whose construction opens a library and finds its functions: it is opened at
/// the first call. Throws what the construction throws.
template <typename Library>
const Library& opened_library() {
  static const Library library;
  return library;
}

/// Opens a `Library` and says what of it is here. `version` asks an open one.
template <typename Library, typename Version>
LibraryState state_of_library(const char* package, Version version) {
  try {
    return {version(opened_library<Library>()), package, ""};
  } catch (const Error& error) {
    return {"", package, error.what()};
  }
}

}  // namespace clipcls
