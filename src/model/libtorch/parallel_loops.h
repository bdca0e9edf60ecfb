#pragma once

// at::parallel_for(), on all threads of the call.
#include <ATen/Parallel.h>

// libtorch's header makes it a loop of one thread, without a word, where the compiler has no OpenMP.
#if !defined(INTRA_OP_PARALLEL) && !defined(__SANITIZE_THREAD__)
#error "compile this file with OpenMP"
#endif
