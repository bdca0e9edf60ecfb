#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/flags/standard_input.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "files/text_file.h"
#include "interface/require_model.h"
#include "model/load_tokenizer.h"
#include "model/model_config.h"

namespace clipcls {
namespace {

struct TokenizeFlags {
  std::vector<std::string> texts;  ///< "-" is the lines of standard input
  std::string model;               ///< whose merges and context length are used; empty: CLIP's
  bool is_whole = false;           ///< ids beyond the context length are printed, too

  void validate() const;
};

void TokenizeFlags::validate() const {
  NamedInputs inputs;
  for (const std::string& text : texts) {
    if (text == "-") inputs.emplace_back("TEXT", text);
  }
  require_inputs_once(inputs);
}

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

/// Prints a JSON array of id arrays, one a text, start and end tokens included, no padding: those that the
/// text encoder sees, so no more than its context length unless is_whole.
int tokenize(const TokenizeFlags& flags) {
  const Vocabulary vocabulary = load_vocabulary(flags.model);
  const std::size_t limit = flags.is_whole ? 0 : vocabulary.context_length;
  OutputFile output;
  const char* separator = "[";
  const auto print = [&](std::string_view text) {
    output.stream() << separator
                    << nlohmann::json(vocabulary.tokenizer.tokenize(text, limit).token_ids).dump();
    separator = ",\n ";
  };
  for (const std::string& text : flags.texts) {
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

}  // namespace

void add_tokenize(Program& program) {
  CommandDeclaration& command =
      program.add("tokenize", "Print the token ids of texts as JSON: what the text encoder sees");
  const auto flags = std::make_shared<TokenizeFlags>();
  command.add_option("TEXT", flags->texts, "Texts; '-' reads lines from standard input")
      ->required()
      ->type_name("");
  command
      .add_option("-m,--model", flags->model,
                  "Use this model's vocabulary and context length; default: CLIP's")
      ->type_name("NAME|PATH")
      ->offers_models();
  command.add_flag("--no-truncate", flags->is_whole,
                   "Print all ids of a text that is longer than the model's context length, 77 in CLIP; "
                   "default: its end is cut, as for the text encoder");
  command.examples({{"clipcls tokenize 'a photo of a cat.'", "ids of one text, start and end included"},
                    {"clipcls tokenize - < prompts.txt", "those of each line"}});
  command.exit_codes({{0, "the ids are printed"}, {2, "a text or the model cannot be read"}});
  command.runs([flags] {
    flags->validate();
    return tokenize(*flags);
  });
}

}  // namespace clipcls
