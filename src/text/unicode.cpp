#include "unicode.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>

namespace clipcls {
namespace {

// That of the Python whose ids are the reference. A newer ICU knows more characters and would change their
// case.
constexpr std::uint8_t kUnicodeVersion = 14;

constexpr char32_t kCapitalIWithDot = U'\u0130';
constexpr char32_t kCombiningDotAbove = U'\u0307';
constexpr char32_t kCapitalSigma = U'\u03A3';
constexpr char32_t kSmallSigma = U'\u03C3';
constexpr char32_t kFinalSigma = U'\u03C2';

// ICU fails here only without memory or without its data file, neither of which a text can cause.
void require_success(UErrorCode status) {
  if (status == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
}

std::u16string to_utf16(std::u32string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (const char32_t c : text) {
    if (c >= 0x10000) units.push_back(U16_LEAD(c));
    units.push_back(c >= 0x10000 ? static_cast<char16_t>(U16_TRAIL(c)) : static_cast<char16_t>(c));
  }
  return units;
}

std::u32string to_utf32(std::u16string_view units) {
  std::u32string text;
  text.reserve(units.size());
  for (std::size_t i = 0; i < units.size();) {
    UChar32 c = 0;
    U16_NEXT(units, i, units.size(), c);
    text.push_back(static_cast<char32_t>(c));
  }
  return text;
}

std::u32string normalize(const UNormalizer2* normalizer, std::u32string_view text) {
  const std::u16string source = to_utf16(text);
  const auto source_length = static_cast<std::int32_t>(source.size());
  // Most texts hardly grow.
  std::u16string normalized(source.size() + 16, u'\0');
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t length = unorm2_normalize(normalizer, source.data(), source_length, normalized.data(),
                                                 static_cast<std::int32_t>(normalized.size()), &status);
    normalized.resize(static_cast<std::size_t>(length));
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;  // it has told the length it needs
    require_success(status);
    return to_utf32(normalized);
  }
}

// A normalizer of ICU's, blind to the characters that `pattern` does not hold. Never freed: it is needed
// until exit.
const UNormalizer2* filtered_normalizer(const UNormalizer2* (*open)(UErrorCode*),
                                        std::u16string_view pattern) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* const normalizer = open(&status);
  USet* const known = uset_openPattern(pattern.data(), static_cast<std::int32_t>(pattern.size()), &status);
  uset_freeze(known);  // faster, and safe to read from several threads
  const UNormalizer2* const filtered = unorm2_openFiltered(normalizer, known, &status);
  require_success(status);
  return filtered;
}

const UNormalizer2* nfc_normalizer() {
  // Of kUnicodeVersion.
  static const UNormalizer2* const normalizer = filtered_normalizer(&unorm2_getNFCInstance, u"[:age=14.0:]");
  return normalizer;
}

bool is_known(char32_t c) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] <= kUnicodeVersion;
}

bool is_cased(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASED) != 0 && is_known(c);
}

bool is_case_ignorable(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASE_IGNORABLE) != 0 && is_known(c);
}

// Unicode's Final_Sigma: a cased letter before the sigma and none behind it; case-ignorable marks do not
// count.
bool is_final_sigma(std::u32string_view text, std::size_t position) {
  std::size_t before = position;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t after = position + 1;
  while (after < text.size() && is_case_ignorable(text[after])) ++after;
  return after == text.size() || !is_cased(text[after]);
}

}  // namespace

std::u32string normalize_nfc(std::u32string_view text) {
  // Below U+0300 nothing combines, so every such text is normalized already.
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; }))
    return std::u32string(text);
  return normalize(nfc_normalizer(), text);
}

std::u32string normalize_nfd_9(std::u32string_view text) {
  // Below U+00C0 nothing is made of parts.
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0xC0; })) return std::u32string(text);
  static const UNormalizer2* const normalizer = filtered_normalizer(&unorm2_getNFDInstance, u"[:age=9.0:]");
  return normalize(normalizer, text);
}

std::u32string compatibility_form(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* const nfkc = unorm2_getNFKCInstance(&status);
  require_success(status);
  return normalize(nfkc, std::u32string_view(&c, 1));
}

std::u32string to_lower(std::u32string_view text) {
  std::u32string lower;
  lower.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c < 0x80) {
      lower.push_back(c >= U'A' && c <= U'Z' ? c + 32 : c);
    } else if (c == kCapitalSigma) {
      lower.push_back(is_final_sigma(text, i) ? kFinalSigma : kSmallSigma);
    } else if (c == kCapitalIWithDot) {  // the one character whose lower case is two
      lower += {U'i', kCombiningDotAbove};
    } else {
      const auto mapped = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
      // Both must be known: a new capital may have an old small letter, or the other way round.
      lower.push_back(is_known(c) && is_known(mapped) ? mapped : c);
    }
  }
  return lower;
}

}  // namespace clipcls
