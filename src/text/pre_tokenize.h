#pragma once

#include <string_view>
#include <vector>

namespace clipcls {

constexpr std::u32string_view kStartOfText = U"<start_of_text>";
constexpr std::u32string_view kEndOfText = U"<end_of_text>";

/// Cuts a cleaned text into the pieces that are merged apart: the special tokens, the English contractions
/// ('s 't 're 've 'm 'll 'd), runs of letters, single digits, runs of anything else but whitespace.
/// The pieces are views into `text`.
std::vector<std::u32string_view> pre_tokenize(std::u32string_view text);

}  // namespace clipcls
