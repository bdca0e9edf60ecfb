// A whole .pt or safetensors file, with libtorch's zip reader (which is not instrumented).
#include "fuzzer.h"
#include "model/libtorch/state_dict.h"
#include "model/libtorch/weights_file.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(weights_file) {
  const std::string file = as_file("weights.pt", {data, size});
  accepts(ErrorKind::kModel, [&] {
    StateDict state_dict;
    read_weights_file(file, state_dict);
    for (const auto& [name, shape] : state_dict.shapes()) state_dict.take(name).sum();  // all of it is there
  });
  return 0;
}

}  // namespace clipcls
