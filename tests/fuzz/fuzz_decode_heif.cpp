#include "fuzz_one_decoder.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(decode_heif) { return fuzz_one_decoder({data, size}, is_heif, decode_heif); }

}  // namespace clipcls
