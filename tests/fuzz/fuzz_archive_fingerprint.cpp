// The directory of a zip file.
#include "clipcls/model/archive_fingerprint.h"
#include "fuzzer.h"

namespace clipcls {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<std::string> fingerprint = archive_fingerprint(as_file("archive.pt", {data, size}));
  require(!fingerprint || fingerprint->size() == 32, "a fingerprint has 32 digits");
  return 0;
}

}  // namespace clipcls
