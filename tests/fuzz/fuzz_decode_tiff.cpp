#include "fuzz_one_decoder.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(decode_tiff) { return fuzz_one_decoder({data, size}, is_tiff, decode_tiff); }

}  // namespace clipcls
