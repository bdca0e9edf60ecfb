#pragma once

// Who encodes the pictures; this process in a build without src/serve.
#if CLIPCLS_WITH_SERVE
#include "cli/flags/via_flags.h"
#else
#include "cli/flags/no_via.h"
#endif
