#pragma once

#include "clipcls/error.h"

namespace clipcls {

/// What a build without CLIPCLS_WITH_PAGES says where it is asked for a page.
inline Error no_pages() { return {ErrorKind::kInvalidArgument, "this clipcls was built without HTML pages"}; }

}  // namespace clipcls
