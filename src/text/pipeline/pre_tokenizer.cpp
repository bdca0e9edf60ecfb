#include "pre_tokenizer.h"

#include <algorithm>

#include "character_tables.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

constexpr int kMaxSequence = 4;

enum class PrependScheme { kAlways, kFirst, kNever };

void add_word(std::u32string_view characters, std::vector<std::string>& words) {
  if (characters.empty()) return;
  std::string word;
  for (const char32_t c : characters) append_utf8(c, word);
  words.push_back(std::move(word));
}

/// Words between whitespace; `is_alone` characters are words of their own.
void split_at_whitespace(std::string_view text, bool (*is_alone)(char32_t), std::vector<std::string>& words) {
  const std::u32string characters = decode_utf8(text);
  std::size_t start = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const bool is_blank = is_rust_whitespace(characters[i]);
    if (!is_blank && !is_alone(characters[i])) continue;
    add_word(std::u32string_view(characters).substr(start, i - start), words);
    if (!is_blank) add_word(std::u32string_view(characters).substr(i, 1), words);
    start = i + 1;
  }
  add_word(std::u32string_view(characters).substr(start), words);
}

bool is_never(char32_t /*c*/) { return false; }

/// Each `mark` ends its word.
void split_behind(std::string_view text, std::string_view mark, std::vector<std::string>& words) {
  while (!text.empty()) {
    const std::size_t found = text.find(mark);
    const std::size_t length = found == std::string_view::npos ? text.size() : found + mark.size();
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

/// Each `mark` begins its word.
void split_before(std::string_view text, std::string_view mark, std::vector<std::string>& words) {
  while (!text.empty()) {
    const std::size_t begin = text.starts_with(mark) ? mark.size() : 0;
    const std::size_t length = std::min(text.size(), text.find(mark, begin));
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

std::string replace_spaces(std::string_view text, std::string_view replacement) {
  std::string replaced;
  for (const char c : text) {
    if (c == ' ') {
      replaced += replacement;
    } else {
      replaced.push_back(c);
    }
  }
  return replaced;
}

}  // namespace

WordSplitter::WordSplitter(const nlohmann::json& value, const std::string& place) {
  if (!value.is_null()) add(JsonFields(value, place, ErrorKind::kModel, "pre_tokenizer."), 0);
}

void WordSplitter::add_metaspace(const JsonFields& fields) {
  const std::string replacement = fields.text("replacement");
  if (replacement.empty() || decode_utf8(replacement).size() != 1)
    fields.fail("replacement", "is not one character");
  // Older files have add_prefix_space.
  PrependScheme scheme = PrependScheme::kAlways;
  if (fields.has("prepend_scheme")) {
    scheme = fields.choice<PrependScheme>("prepend_scheme", {{"always", PrependScheme::kAlways},
                                                             {"first", PrependScheme::kFirst},
                                                             {"never", PrependScheme::kNever}});
  } else if (!fields.boolean_or("add_prefix_space", true)) {
    scheme = PrependScheme::kNever;
  }
  const bool is_split = fields.boolean_or("split", true);
  steps_.emplace_back([=](std::string_view word, bool is_first, Words& words) {
    std::string replaced = replace_spaces(word, replacement);
    const bool is_prefixed =
        scheme == PrependScheme::kAlways || (scheme == PrependScheme::kFirst && is_first);
    if (is_prefixed && !replaced.starts_with(replacement)) replaced.insert(0, replacement);
    if (is_split) {
      split_before(replaced, replacement, words);
    } else {
      words.push_back(std::move(replaced));
    }
  });
}

void WordSplitter::add(const JsonFields& fields, int depth) {
  const std::string type = fields.text("type");
  if (type == "Sequence" && depth < kMaxSequence) {
    const nlohmann::json& steps = fields.at("pretokenizers");
    if (!steps.is_array() || steps.size() > 32)
      fields.fail("pretokenizers", "is not a list of up to 32 steps");
    for (const nlohmann::json& step : steps) {
      add(JsonFields(step, fields.place(), ErrorKind::kModel, "pre_tokenizer.pretokenizers."), depth + 1);
    }
  } else if (type == "Metaspace") {
    add_metaspace(fields);
  } else if (type == "WhitespaceSplit") {
    steps_.emplace_back(
        [](std::string_view word, bool, Words& words) { split_at_whitespace(word, &is_never, words); });
  } else if (type == "BertPreTokenizer") {
    steps_.emplace_back([](std::string_view word, bool, Words& words) {
      split_at_whitespace(word, &is_bert_punctuation, words);
    });
  } else if (type == "Split") {
    const std::string mark = fields.object("pattern").text("String");
    if (mark.empty()) fields.fail("pattern", "is empty");
    if (fields.text("behavior") != "MergedWithPrevious" || fields.boolean_or("invert", false))
      fields.fail("behavior", "is not read; expected MergedWithPrevious, not inverted");
    steps_.emplace_back(
        [mark](std::string_view word, bool, Words& words) { split_behind(word, mark, words); });
  } else {
    fields.fail("type", "is \"" + type.substr(0, 40) + "\", which is not read");
  }
}

std::vector<std::string> WordSplitter::split(std::string_view text, bool is_first) const {
  Words words;
  if (!text.empty()) words.emplace_back(text);
  for (const Step& step : steps_) {
    Words next;
    // Only the first word of the first piece begins what the user wrote.
    for (std::size_t i = 0; i < words.size(); ++i) step(words[i], is_first && i == 0, next);
    words = std::move(next);
  }
  return words;
}

}  // namespace clipcls
