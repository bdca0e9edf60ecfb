// The directory of a zip file.
#include "fuzzer.h"
#include "model/archive_fingerprint.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(archive_fingerprint) {
  const std::optional<std::string> fingerprint = archive_fingerprint(as_file("archive.pt", {data, size}));
  require(!fingerprint || fingerprint->size() == 32, "a fingerprint has 32 digits");
  return 0;
}

}  // namespace clipcls
