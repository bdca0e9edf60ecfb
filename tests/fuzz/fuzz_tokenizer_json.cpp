// A tokenizer.json, up to the first NUL byte, and behind it a text to encode by it.
#include <memory>
#include <string>

#include "fuzzer.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(tokenizer_json) {
  const std::string_view input = as_text({data, size});
  const std::string_view json = input.substr(0, input.find('\0'));
  const std::string_view text = input.substr(std::min(input.size(), json.size() + 1));
  const auto bytes = std::make_shared<std::string>();
  if (!accepts(ErrorKind::kModel, [&] { *bytes = compile_tokenizer_json(json, "FILE"); })) return 0;
  // What import accepts can be opened.
  const Tokenizer tokenizer = Tokenizer::of_bytes(*bytes, bytes);
  accepts(ErrorKind::kModel, [&] {
    for (const std::int64_t id : tokenizer.tokenize(text).token_ids)
      require(id >= 0 && id < tokenizer.vocab_size(), "an id is one of the vocabulary");
  });
  accepts(ErrorKind::kModel, [&] {
    require(tokenizer.tokenize(text, 20).token_ids.size() <= 20, "a text is cut to the context length");
  });
  return 0;
}

}  // namespace clipcls
