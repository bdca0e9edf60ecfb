// A process that links libtorch and does nothing with it: what scripts/bench_peers measures starting clipcls
// against.
#include <cstdio>

#include "model/torch_library.h"

int main() { return std::puts(clipcls::torch_version().c_str()) < 0 ? 1 : 0; }
