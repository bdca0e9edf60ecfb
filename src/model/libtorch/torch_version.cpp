#include <torch/version.h>

#include "model/torch_library.h"

namespace clipcls {

std::string torch_version() { return TORCH_VERSION; }

}  // namespace clipcls
