#include "tokenize.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "clipcls/error.h"
#include "clipcls/model/model_config.h"
#include "find_model.h"
#include "output_file.h"

namespace clipcls {

int tokenize(const TokenizeOptions& options) {
  const auto load = [&]() -> Tokenizer {
    if (options.model.empty()) return Tokenizer();
    const std::filesystem::path model = find_model(options.model);
    if (!std::filesystem::is_directory(model)) return Tokenizer();  // OpenAI's archives have CLIP's own
    return load_tokenizer(model, read_model_config(model).text);
  };
  const Tokenizer tokenizer = load();
  OutputFile output("");
  const char* separator = "[";
  const auto print = [&](const std::string& text) {
    output.stream() << separator << nlohmann::json(tokenizer.tokenize(text).token_ids).dump();
    separator = ",\n ";
  };
  for (const std::string& text : options.texts) {
    if (text != "-") {
      print(text);
      continue;
    }
    for (std::string line; std::getline(std::cin, line);) print(line);
    if (std::ferror(stdin) != 0) throw Error(ErrorKind::kUsage, "standard input: cannot be read");
  }
  output.stream() << (*separator == '[' ? "[]\n" : "]\n");
  output.check();
  return 0;
}

}  // namespace clipcls
