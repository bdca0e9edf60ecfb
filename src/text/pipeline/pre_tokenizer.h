#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_fields.h"

namespace clipcls {

/// The pre-tokenizer of a tokenizer.json: splits a normalised text into the words that the model encodes.
class WordSplitter {
 public:
  WordSplitter() = default;
  /// Reads the value of the field `pre_tokenizer`, which may be null: then a text is one word. Throws Error
  /// (kModel) that names a kind that is not read.
  WordSplitter(const nlohmann::json& value, const std::string& place);

  /// `is_first`: the text is the beginning of what the user wrote. None of the words is empty.
  std::vector<std::string> split(std::string_view text, bool is_first) const;

 private:
  using Words = std::vector<std::string>;
  /// What becomes of one word.
  using Step = std::function<void(std::string_view word, bool is_first, Words& words)>;

  void add(const JsonFields& fields, int depth);
  void add_metaspace(const JsonFields& fields);

  std::vector<Step> steps_;
};

}  // namespace clipcls
