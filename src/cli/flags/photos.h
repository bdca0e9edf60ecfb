#pragma once

// What is done with the files of classified images; nothing in a build without src/photos.
#if CLIPCLS_WITH_PHOTOS
#include "cli/flags/photo_flags.h"
#include "cli/results/photo_actions.h"
#else
#include "cli/flags/no_photos.h"
#endif
