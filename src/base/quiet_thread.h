#pragma once

#include <functional>

namespace clipcls {

/// Runs `work` on a thread of its own whose standard error leads nowhere, and waits for it; what it throws is
/// thrown here. Some libraries write there what they think of a damaged file, among the lines of a program
/// that promises one line a file. The thread has no files open but the three streams, so `work` may open
/// files and may not use any that are open. Where the system gives no such thread, `work` runs all the same.
void run_quietly(const std::function<void()>& work);

/// From here on run_quietly() starts no thread: nothing that this process writes to standard error is seen.
void note_quiet_process();

}  // namespace clipcls
