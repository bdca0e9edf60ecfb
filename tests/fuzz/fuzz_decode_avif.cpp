#include "fuzz_one_decoder.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(decode_avif) { return fuzz_one_decoder({data, size}, is_avif, decode_avif); }

}  // namespace clipcls
