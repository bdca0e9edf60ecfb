#pragma once

#include <string>

namespace clipcls {

/// The libtorch that runs, for example "2.13.0".
std::string torch_version();

/// The GPUs that this libtorch can compute on, and where there are none, why.
int num_gpus();
std::string why_no_gpu();

}  // namespace clipcls
