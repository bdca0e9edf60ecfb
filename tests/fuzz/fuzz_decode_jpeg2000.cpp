#include "fuzz_one_decoder.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(decode_jpeg2000) { return fuzz_one_decoder({data, size}, is_jpeg2000, decode_jpeg2000); }

}  // namespace clipcls
