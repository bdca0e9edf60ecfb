// CLIP's vocabulary against a plain slow encoding.
#include "compare_tokenizers.h"
#include "text/clip_merges.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(tokenizer) {
  static const Tokenizer tokenizer;
  static const SlowBytePairEncoding slow(clip_merges_text());
  compare_tokenizers(tokenizer, slow, as_text({data, size}));
  return 0;
}

}  // namespace clipcls
