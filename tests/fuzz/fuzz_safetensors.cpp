#include "fuzzer.h"
#include "model/checkpoint/safetensors.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(safetensors) {
  std::vector<std::uint8_t> file(data, data + size);
  accepts(ErrorKind::kModel, [&] {
    std::size_t num_bytes = 0;
    for (const auto& [name, tensor] : parse_safetensors(std::as_writable_bytes(std::span(file)))) {
      for (std::byte& byte : tensor.bytes) byte = ~byte;  // all of them are there
      num_bytes += tensor.bytes.size();
    }
    require(num_bytes < size, "tensors lie in the file, behind the header");
  });
  return 0;
}

}  // namespace clipcls
