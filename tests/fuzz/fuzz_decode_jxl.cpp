#include "fuzz_one_decoder.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(decode_jxl) { return fuzz_one_decoder({data, size}, is_jxl, decode_jxl); }

}  // namespace clipcls
