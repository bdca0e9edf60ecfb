#pragma once

namespace clipcls {

/// Puts in order what the process was started with, before it opens a file or starts a thread.
///
/// Standard streams that are closed are taken by what can be neither read nor written: the first file that is
/// opened, a model or the results, would become one of them. A file that grows beyond the limit on its size
/// (ulimit -f) is an error of writing, not the end of the process. Threads have a stack that suffices
/// whatever the limit on the first one's (ulimit -s). An exception that nobody catches is one line and exit
/// code 2.
void settle_surroundings();

/// Calls `run`: here, or, where the limit on the stack is too low for it, on a thread that has enough. `run`
/// throws nothing.
int run_with_stack(int (*run)(int, char**), int argc, char** argv);

}  // namespace clipcls
