#include "bert_normalizer.h"

#include "character_tables.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

std::u32string clean_bert_text(std::u32string_view text) {
  std::u32string cleaned;
  cleaned.reserve(text.size());
  for (const char32_t c : text) {
    if (!is_bert_removed(c)) cleaned.push_back(is_bert_blank(c) ? U' ' : c);
  }
  return cleaned;
}

std::u32string put_spaces_around_chinese(std::u32string_view text) {
  std::u32string spaced;
  spaced.reserve(text.size());
  for (const char32_t c : text) {
    if (is_bert_chinese(c)) {
      spaced += {U' ', c, U' '};
    } else {
      spaced.push_back(c);
    }
  }
  return spaced;
}

std::u32string lower_characters(std::u32string_view text) {
  constexpr char32_t kCapitalIWithDot = U'\u0130';
  constexpr char32_t kCombiningDotAbove = U'\u0307';
  std::u32string lower;
  lower.reserve(text.size());
  for (const char32_t c : text) {
    if (c == kCapitalIWithDot) {
      lower += {U'i', kCombiningDotAbove};
    } else {
      lower.push_back(lower_case(c));
    }
  }
  return lower;
}

std::string encode_characters(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t c : text) append_utf8(c, bytes);
  return bytes;
}

}  // namespace

std::string bert_normalize(std::string_view text, const BertNormalizerFlags& flags) {
  std::u32string characters = decode_utf8(text);
  if (flags.clean_text) characters = clean_bert_text(characters);
  if (flags.handle_chinese_chars) characters = put_spaces_around_chinese(characters);
  if (flags.strip_accents) {
    characters = normalize_nfd_9(characters);
    std::erase_if(characters, is_nonspacing_mark);
  }
  if (flags.lowercase) characters = lower_characters(characters);
  return encode_characters(characters);
}

std::string lower_case_text(std::string_view text) {
  return encode_characters(lower_characters(decode_utf8(text)));
}

}  // namespace clipcls
