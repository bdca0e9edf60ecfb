#include <torch/version.h>

#include "model/torchscript_model.h"

namespace clipcls {

std::string torch_version() { return TORCH_VERSION; }

}  // namespace clipcls
