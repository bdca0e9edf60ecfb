#include "grapheme_clusters.h"

#include "character_tables.h"

namespace clipcls {
namespace {

/// What was seen of a cluster so far, for the rules that look back further than one character.
struct ClusterState {
  bool is_after_pictograph = false;  ///< Extended_Pictographic Extend*
  bool is_after_joiner = false;      ///< … and ZWJ behind it
  bool is_after_consonant = false;   ///< Consonant [Extend Linker]*
  bool is_after_linker = false;      ///< … with a linker in it

  void add(char32_t c, ClusterClass kind) {
    const bool is_extending = kind == ClusterClass::kExtend || kind == ClusterClass::kZwj;
    is_after_joiner = is_after_pictograph && kind == ClusterClass::kZwj;
    is_after_pictograph =
        kind == ClusterClass::kPictograph || (is_after_pictograph && kind == ClusterClass::kExtend);
    if (is_conjunct_consonant(c)) {
      is_after_consonant = true;
      is_after_linker = false;
    } else if (is_extending && c != kZeroWidthNonJoiner) {
      is_after_linker = is_after_consonant && (is_after_linker || is_conjunct_linker(c));
    } else {
      is_after_consonant = false;
      is_after_linker = false;
    }
  }

  static constexpr char32_t kZeroWidthNonJoiner = U'\u200C';
};

enum class Hangul { kNone, kLeading, kVowel, kTrailing, kOpenSyllable, kClosedSyllable };

Hangul hangul_of(char32_t c) {
  const auto is_in = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (is_in(0x1100, 0x115F) || is_in(0xA960, 0xA97C)) return Hangul::kLeading;
  if (is_in(0x1160, 0x11A7) || is_in(0xD7B0, 0xD7C6)) return Hangul::kVowel;
  if (is_in(0x11A8, 0x11FF) || is_in(0xD7CB, 0xD7FB)) return Hangul::kTrailing;
  if (!is_in(0xAC00, 0xD7A3)) return Hangul::kNone;
  return (c - 0xAC00) % 28 == 0 ? Hangul::kOpenSyllable : Hangul::kClosedSyllable;
}

bool is_hangul_joined(Hangul before, Hangul after) {
  switch (before) {
    case Hangul::kLeading:
      return after != Hangul::kNone && after != Hangul::kTrailing;
    case Hangul::kOpenSyllable:
    case Hangul::kVowel:
      return after == Hangul::kVowel || after == Hangul::kTrailing;
    case Hangul::kClosedSyllable:
    case Hangul::kTrailing:
      return after == Hangul::kTrailing;
    case Hangul::kNone:
      break;
  }
  return false;
}

bool is_control(ClusterClass kind) {
  return kind == ClusterClass::kControl || kind == ClusterClass::kCr || kind == ClusterClass::kLf;
}

}  // namespace

std::size_t cluster_length(std::u32string_view text) {
  ClusterClass before = cluster_class(text[0]);
  ClusterState state;
  state.add(text[0], before);
  std::size_t length = 1;
  for (; length < text.size(); ++length) {
    const char32_t c = text[length];
    const ClusterClass kind = cluster_class(c);
    const bool is_joined = [&] {
      if (before == ClusterClass::kCr && kind == ClusterClass::kLf) return true;
      if (is_control(before) || is_control(kind)) return false;
      if (kind == ClusterClass::kExtend || kind == ClusterClass::kZwj || kind == ClusterClass::kSpacingMark)
        return true;
      if (before == ClusterClass::kPrepend) return true;
      if (is_hangul_joined(hangul_of(text[length - 1]), hangul_of(c))) return true;
      if (state.is_after_joiner && kind == ClusterClass::kPictograph) return true;
      return state.is_after_linker && is_conjunct_consonant(c);
    }();
    if (!is_joined) break;
    state.add(c, kind);
    before = kind;
  }
  return length;
}

}  // namespace clipcls
