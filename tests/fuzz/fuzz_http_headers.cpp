// The header lines of a server's answers.
#include "fetch/http_headers.h"
#include "fuzzer.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(http_headers) {
  std::string_view rest = as_text({data, size});
  HttpHeaders headers;
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find('\n'), rest.size() - 1) + 1;
    headers.read_line(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  const std::string& digest = headers.response().sha256;
  require(digest.empty() || digest.size() == 64, "a SHA-256 has 64 digits");
  return 0;
}

}  // namespace clipcls
