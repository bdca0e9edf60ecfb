// A merges file, up to the first NUL byte, and behind it a text to encode by it.
#include <memory>

#include "compare_tokenizers.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(merges) {
  const std::string_view input = as_text({data, size});
  const std::string_view merges_text = input.substr(0, input.find('\0'));
  const std::string_view text = input.substr(std::min(input.size(), merges_text.size() + 1));
  std::unique_ptr<Tokenizer> tokenizer;
  if (!accepts(ErrorKind::kModel, [&] { tokenizer = std::make_unique<Tokenizer>(merges_text); })) return 0;
  compare_tokenizers(*tokenizer, SlowBytePairEncoding(merges_text), text);
  return 0;
}

}  // namespace clipcls
