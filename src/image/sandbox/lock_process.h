#pragma once

#include <string>

namespace clipcls {

/// Takes from this process, for good and in all its threads, every right but to compute, to read and write
/// the descriptors that it has, and to end: no files, no network, no other programs, no code that was not
/// there before, no core dump. The C library's looks at files and limits fail with EACCES; whatever else is
/// asked of the system ends the process (SIGSYS). Returns why it cannot be done, and then little of it is
/// done; empty: it is.
///
/// In a build with sanitizers, which need other system calls, it does nothing.
std::string lock_process();

/// Whether lock_process() does what it says: not in a build with sanitizers.
bool is_lock_real();

}  // namespace clipcls
