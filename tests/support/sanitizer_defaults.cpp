// What every program that is built with CLIPCLS_SANITIZE tells the sanitizers' runtimes, so that it needs no
// variables in its environment (tests clear it). The names are the runtimes'.

extern "C" {

// 99 is no exit code of the program's.
const char* __asan_default_options() { return "exitcode=99"; }

const char* __ubsan_default_options() { return "exitcode=99:print_stacktrace=1"; }

// libtorch's zip reader loses 222 bytes when its archive reader's constructor throws (a zip file that is no
// TorchScript archive). The object never comes into being, so nothing here could free it.
// A TorchScript interface refers to itself by its methods' first argument: 5 KB that libtorch never frees.
const char* __lsan_default_suppressions() {
  return "leak:mz_zip_reader\nleak:CompilationUnit::define_interface\n";
}

const char* __lsan_default_options() { return "print_suppressions=0"; }

// libtorch and the runtime of OpenMP are not instrumented: what they do to each other under locks that are
// not seen looks like races. What clipcls' own code does is seen all the same.
const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }
}
