#include <ATen/Context.h>
#include <torch/cuda.h>

#include "model/torch_library.h"

namespace clipcls {

int num_gpus() { return static_cast<int>(torch::cuda::device_count()); }

std::string why_no_gpu() {
  if (!at::Context::hasCUDART())
    return "this libtorch (" + torch_version() +
           ") is built for the processor alone; build clipcls with one for CUDA";
  return "no GPU was found; see whether nvidia-smi shows one";
}

}  // namespace clipcls
