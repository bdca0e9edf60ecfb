#pragma once

namespace clipcls {

// What the reference's crates know of characters: tables.inc has them, so that the ids of a text depend on no
// ICU.

/// Lower case of one character; U+0130, which becomes two, is the caller's.
char32_t lower_case(char32_t c);
bool is_rust_whitespace(char32_t c);
bool is_nonspacing_mark(char32_t c);

/// BertNormalizer and BertPreTokenizer.
bool is_bert_removed(char32_t c);
bool is_bert_blank(char32_t c);
bool is_bert_chinese(char32_t c);
bool is_bert_punctuation(char32_t c);

/// What matters of a character for grapheme clusters (UAX #29), Hangul apart.
enum class ClusterClass { kOther, kControl, kCr, kLf, kExtend, kZwj, kSpacingMark, kPrepend, kPictograph };
ClusterClass cluster_class(char32_t c);
bool is_conjunct_consonant(char32_t c);
bool is_conjunct_linker(char32_t c);

}  // namespace clipcls
