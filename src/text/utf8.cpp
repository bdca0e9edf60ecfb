#include "utf8.h"

#include <cstddef>

namespace clipcls {
namespace {

// What a lead byte promises: how many bytes follow it, and which values the first of them may have.
// The narrower ranges behind E0, ED, F0 and F4 keep out overlong forms, surrogates and what lies above
// U+10FFFF.
struct LeadByte {
  std::size_t num_trailing;
  unsigned char second_min;
  unsigned char second_max;
};

LeadByte classify_lead_byte(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

// Python's errors="replace": one replacement character for each longest beginning of a character that breaks
// off.
std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[i++]);
    if (lead < 0x80) {
      text.push_back(lead);
      continue;
    }
    const LeadByte expected = classify_lead_byte(lead);
    char32_t code_point = lead & (0x3FU >> expected.num_trailing);
    std::size_t num_read = 0;
    while (num_read < expected.num_trailing && i < bytes.size()) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      const bool is_second = num_read == 0;
      if (byte < (is_second ? expected.second_min : 0x80) ||
          byte > (is_second ? expected.second_max : 0xBF)) {
        break;  // the byte may start a character of its own
      }
      code_point = (code_point << 6) | (byte & 0x3FU);
      ++num_read;
      ++i;
    }
    const bool is_whole = expected.num_trailing > 0 && num_read == expected.num_trailing;
    text.push_back(is_whole ? code_point : kReplacementCharacter);
  }
  return text;
}

void append_utf8(char32_t code_point, std::string& bytes) {
  const auto trailing = [&](unsigned shift) {
    bytes.push_back(static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)));
  };
  if (code_point < 0x80) {
    bytes.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    bytes.push_back(static_cast<char>(0xC0U | (code_point >> 6)));
    trailing(0);
  } else if (code_point < 0x10000) {
    bytes.push_back(static_cast<char>(0xE0U | (code_point >> 12)));
    trailing(6);
    trailing(0);
  } else {
    bytes.push_back(static_cast<char>(0xF0U | (code_point >> 18)));
    trailing(12);
    trailing(6);
    trailing(0);
  }
}

}  // namespace clipcls
