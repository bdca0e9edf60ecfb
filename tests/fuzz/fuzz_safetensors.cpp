// A safetensors file, and the checksums in its header.
#include "fuzzer.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_checksums.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(safetensors) {
  std::vector<std::uint8_t> file(data, data + size);
  accepts(ErrorKind::kModel, [&] {
    std::size_t num_bytes = 0;
    const Safetensors parsed = parse_safetensors(std::as_writable_bytes(std::span(file)));
    for (const auto& [name, tensor] : parsed.tensors) {
      for (std::byte& byte : tensor.bytes) byte = ~byte;  // all of them are there
      num_bytes += tensor.bytes.size();
    }
    require(num_bytes < size, "tensors lie in the file, behind the header");
  });
  const std::string path = as_file("weights.safetensors", {data, size});
  const std::optional<std::string> fingerprint = tensors_fingerprint(path);
  require(!fingerprint || fingerprint->size() == 32, "a fingerprint has 32 digits");
  accepts(ErrorKind::kModel, [&] {
    const ChecksumCheck check = check_tensor_checksums(path);
    require(check.num_equal <= check.num_all && check.first_difference.size() < 500,
            "a difference is one line");
    require((check.num_equal == check.num_all) == check.first_difference.empty(), "a difference is named");
  });
  return 0;
}

}  // namespace clipcls
