#pragma once

#include "files/file_descriptor.h"

namespace clipcls {

/// Takes the lock (flock) of an open file for as long as it is open. False: another process has it. On a file
/// system without locks everybody gets it.
bool try_lock(int descriptor);

}  // namespace clipcls
