// A BERT's vocab.txt behind one byte, which says whether texts are put into lower case, up to the first NUL
// byte; and behind that a text to encode by it.
#include <memory>
#include <string>

#include "fuzzer.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(vocab_txt) {
  if (size == 0) return 0;
  const std::string_view input = as_text({data + 1, size - 1});
  const std::string_view vocabulary = input.substr(0, input.find('\0'));
  const std::string_view text = input.substr(std::min(input.size(), vocabulary.size() + 1));
  const auto bytes = std::make_shared<std::string>();
  const bool is_lower_case = data[0] % 2 != 0;
  if (!accepts(ErrorKind::kModel,
               [&] { *bytes = compile_vocab_txt(vocabulary, {.is_lower_case = is_lower_case}, "FILE"); }))
    return 0;
  // What import accepts can be opened.
  const Tokenizer tokenizer = Tokenizer::of_bytes(*bytes, bytes);
  for (const std::int64_t id : tokenizer.tokenize(text).token_ids)
    require(id >= 0 && id < tokenizer.vocab_size(), "an id is one of the vocabulary");
  require(tokenizer.tokenize(text, 20).token_ids.size() <= 20, "a text is cut to the context length");
  return 0;
}

}  // namespace clipcls
