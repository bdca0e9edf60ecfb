#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// What a Replace of a tokenizer.json looks for: a plain text, or of regular expressions the few that such
/// files have: one character, `\s` or a list of characters and short ranges in brackets, then nothing, `+` or
/// `{n,}`.
class Pattern {
 public:
  static Pattern plain(const std::string& text);
  /// Throws Error (kModel) for any other expression.
  static Pattern expression(const std::string& expression);

  /// `text` with `content` in place of each match, from left to right, each as long as it can be.
  std::string replace(std::string_view text, const std::string& content) const;

 private:
  bool matches(char32_t c) const;

  std::u32string text_;  ///< plain: all of it, in this order; else the characters that are looked for
  bool is_plain_ = true;
  bool is_blank_ = false;     ///< `\s`: any whitespace, besides those characters
  std::size_t at_least_ = 1;  ///< so many of them in a row …
  bool is_greedy_ = false;    ///< … and all that follow
};

}  // namespace clipcls
