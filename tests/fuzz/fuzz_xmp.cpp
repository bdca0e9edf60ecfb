// A sidecar that gets a keyword. libxml2 is not instrumented.
#include <fstream>
#include <iterator>

#include "fuzzer.h"
#include "photos/xmp_keywords.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(xmp) {
  static const XmpKeywords xmp;
  const std::string file = as_file("photo.jpg.xmp", {data, size});
  const std::string keywords[] = {"shark"};
  const bool is_changed = accepts(ErrorKind::kOutput, [&] {
    xmp.add(file, keywords);
    require(!xmp.would_add(file, keywords), "a keyword that was added is there");
  });
  if (is_changed) return 0;
  std::ifstream now(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(now), std::istreambuf_iterator<char>()};
  require(bytes == as_text({data, size}), "a file that is refused stays as it was");
  return 0;
}

}  // namespace clipcls
