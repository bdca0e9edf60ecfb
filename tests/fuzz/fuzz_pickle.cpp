// The data.pkl of a torch.save file.
#include "fuzzer.h"
#include "model/checkpoint/pickled_state_dict.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(pickle) {
  accepts(ErrorKind::kModel, [&] {
    for (const auto& [name, tensor] : parse_pickled_state_dict(std::as_bytes(std::span(data, size)))) {
      require(tensor.shape.size() == tensor.strides.size(), "a stride an axis");
      require(tensor.offset >= 0 && tensor.offset <= tensor.storage_size, "a view begins in its storage");
    }
  });
  return 0;
}

}  // namespace clipcls
