#include "fuzzer.h"
#include "image/decode/exif.h"

namespace clipcls {
namespace {

void require_orientation(int orientation) {
  require(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
}

}  // namespace

CLIPCLS_FUZZ_TARGET(exif) {
  const Bytes input(data, size);
  require_orientation(read_exif_orientation(input));
  require_orientation(read_xmp_orientation(input));
  const std::size_t half = size / 2;
  require_orientation(read_orientation(input.first(half), input.subspan(half)));
  return 0;
}

}  // namespace clipcls
