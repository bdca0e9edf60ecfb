#include "pattern.h"

#include <charconv>

#include "character_tables.h"
#include "refuse.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxRepeats = 1000;
constexpr char32_t kMaxRange = 100;

[[noreturn]] void refuse_expression(const std::string& expression) {
  refuse_tokenizer("its normalizer has the pattern \"" + expression + "\", which is not read");
}

}  // namespace

Pattern Pattern::plain(const std::string& text) {
  if (text.empty()) refuse_tokenizer("its normalizer has an empty pattern");
  Pattern pattern;
  pattern.text_ = decode_utf8(text);
  return pattern;
}

Pattern Pattern::expression(const std::string& expression) {
  constexpr std::u32string_view kSpecial = U".^$*+?()[]{}|\\";
  Pattern pattern;
  pattern.is_plain_ = false;
  const std::u32string all = decode_utf8(expression);
  std::u32string_view rest = all;
  const auto take = [&] {
    if (rest.empty()) refuse_expression(expression);
    const char32_t c = rest.front();
    rest.remove_prefix(1);
    return c;
  };
  // Letters and digits behind a backslash have meanings of their own.
  const auto take_escaped = [&] {
    const char32_t c = take();
    if (c == U's') {
      pattern.is_blank_ = true;
      return;
    }
    if (c >= 0x80 || (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'))
      refuse_expression(expression);
    pattern.text_.push_back(c);
  };
  if (const char32_t first = take(); first == U'\\') {
    take_escaped();
  } else if (first == U'[') {
    bool is_first = true;
    for (char32_t c = take(); c != U']'; c = take(), is_first = false) {
      // No negation, no classes inside.
      if (c == U'[' || (c == U'&' && rest.starts_with(U'&')) || (c == U'^' && is_first))
        refuse_expression(expression);
      if (c == U'\\') {
        take_escaped();
      } else {
        pattern.text_.push_back(c);
      }
      const bool is_range = rest.size() > 1 && rest[0] == U'-' && rest[1] != U']';
      if (!is_range) continue;
      take();
      const char32_t last = take();
      // Python's string.punctuation has one in it without meaning to: ",-."
      if (c == U'\\' || last == U'\\' || last == U'[' || last <= c || last - c > kMaxRange)
        refuse_expression(expression);
      for (char32_t between = c + 1; between <= last; ++between) pattern.text_.push_back(between);
    }
    if (is_first) refuse_expression(expression);
  } else {
    if (kSpecial.find(first) != std::u32string_view::npos) refuse_expression(expression);
    pattern.text_.push_back(first);
  }
  if (rest == U"+") {
    pattern.is_greedy_ = true;
  } else if (rest.starts_with(U'{') && rest.ends_with(U",}")) {
    std::string digits;
    for (const char32_t c : rest.substr(1, rest.size() - 3))
      digits.push_back(c < 0x80 ? static_cast<char>(c) : '?');
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), pattern.at_least_);
    if (error != std::errc() || end != digits.data() + digits.size() || pattern.at_least_ == 0 ||
        pattern.at_least_ > kMaxRepeats)
      refuse_expression(expression);
    pattern.is_greedy_ = true;
  } else if (!rest.empty()) {
    refuse_expression(expression);
  }
  return pattern;
}

bool Pattern::matches(char32_t c) const {
  return text_.find(c) != std::u32string::npos || (is_blank_ && is_rust_whitespace(c));
}

std::string Pattern::replace(std::string_view text, const std::string& content) const {
  const std::u32string characters = decode_utf8(text);
  std::string replaced;
  replaced.reserve(text.size());
  for (std::u32string_view rest = characters; !rest.empty();) {
    std::size_t length = 0;
    if (is_plain_) {
      length = rest.starts_with(text_) ? text_.size() : 0;
    } else {
      while (length < rest.size() && (is_greedy_ || length < at_least_) && matches(rest[length])) ++length;
      if (length < at_least_) length = 0;
    }
    if (length > 0) {
      replaced += content;
    } else {
      append_utf8(rest.front(), replaced);
      // What began here is too short, and so is what begins inside it.
      length = 1;
    }
    rest.remove_prefix(length);
  }
  return replaced;
}

}  // namespace clipcls
