#include "cli/commands/tokenize.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/flags/require_model.h"
#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "clipcls/model/model_config.h"
#include "clipcls/text_file.h"
#include "model/load_tokenizer.h"

namespace clipcls {
namespace {

struct Vocabulary {
  Tokenizer tokenizer;
  std::size_t context_length = 77;  ///< CLIP's, and that of all of OpenAI's archives
};

Vocabulary load_vocabulary(const std::string& name) {
  if (name.empty()) return {};
  const std::filesystem::path model = require_model(name);
  if (!std::filesystem::is_directory(model)) return {};  // OpenAI's archives have CLIP's own
  const TextConfig text = read_model_config(model).text;
  return {load_tokenizer(model, text), text.context_length};
}

}  // namespace

int tokenize(const TokenizeOptions& options) {
  const Vocabulary vocabulary = load_vocabulary(options.model);
  const std::size_t limit = options.is_whole ? 0 : vocabulary.context_length;
  OutputFile output;
  const char* separator = "[";
  const auto print = [&](std::string_view text) {
    output.stream() << separator
                    << nlohmann::json(vocabulary.tokenizer.tokenize(text, limit).token_ids).dump();
    separator = ",\n ";
  };
  for (const std::string& text : options.texts) {
    if (text != "-") {
      print(text);
      continue;
    }
    bool is_first = true;
    for (std::string line; std::getline(std::cin, line); is_first = false) {
      const std::string problem = is_first ? wide_text_problem(line) : "";
      if (!problem.empty()) throw Error(ErrorKind::kUsage, place_of(text) + ": " + problem);
      std::string_view rest = is_first ? drop_byte_order_mark(line) : line;
      do print(take_line(rest));  // CR ends a line, too
      while (!rest.empty());
    }
    if (std::ferror(stdin) != 0) throw Error(ErrorKind::kUsage, "standard input: cannot be read");
  }
  output.stream() << (*separator == '[' ? "[]\n" : "]\n");
  output.check();
  return 0;
}

}  // namespace clipcls
