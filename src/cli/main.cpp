// argv -> flags -> a command -> exit code. The commands are listed in program.cpp.
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "cli/program.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/surroundings.h"
#include "files/removed_at_signal.h"
#include "image/decode_sandbox.h"
#include "processor/processor.h"

namespace {

/// Returns from main() without the destructors of libtorch's libraries: they take 60 ms, as long as a
/// picture, to free what the system takes back at once. Sanitizers look for leaks in the ordinary way out.
int end_process(int exit_code) {
#ifndef CLIPCLS_SANITIZED
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(exit_code);
#endif
  return exit_code;
}

int run(int argc, char** argv) {
  try {
    clipcls::this_processor();  // a wrong CLIPCLS_MAX_ISA is reported before anything is done
    return end_process(clipcls::Program().run(argc, argv));
  } catch (...) {
    return clipcls::report_exception();
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Before anything else: a decoder's process needs nothing that follows.
  if (clipcls::is_decode_worker(argc, argv)) std::_Exit(clipcls::run_decode_worker(argc, argv));
  clipcls::set_decode_program("/proc/self/exe");
  clipcls::settle_surroundings();
  clipcls::install_sigbus_handler();
  clipcls::end_by_signals_without_remains();
  try {
    return clipcls::run_with_stack(run, argc, argv);
  } catch (...) {  // not even one thread
    return clipcls::report_exception();
  }
}
