#include "configure_torch.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>

#include "base/threads.h"
#include "openmp_waiting.h"
#include "processor/processor.h"

namespace clipcls {

void configure_torch(int num_threads) {
  const int usable = static_cast<int>(usable_threads(static_cast<std::size_t>(num_threads)));
  if (!is_short_of_threads()) let_openmp_threads_sleep();
  const int chosen = num_threads > 0 ? usable : std::min(usable, at::get_num_threads());
  if (chosen != at::get_num_threads()) at::set_num_threads(chosen);
  // It wants AVX2, and says so on standard error at each convolution where there is none.
  if (!this_processor().avx2) at::globalContext().setUserEnabledNNPACK(false);
  // The first loop over a tensor reads /proc/cpuinfo, once for the process. In one of our threads that could
  // happen when the others hold every file that may be open; no half-precision weights could be read then.
  at::ones({2});
  // The profiling executor spends the first runs on specialising graphs: one picture would pay for it
  // and never see the gain.
  torch::jit::getExecutorMode() = false;
  torch::jit::getProfilingMode() = false;
}

}  // namespace clipcls
