#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// The one of `words` that `word` was most likely meant to be, the first of those that are equally near: by
/// the letters that were changed, left out, added or swapped (a third of them, and two, at most). Case counts nothing,
/// nor do hyphens, underscores and blanks. Empty: none is near.
std::string closest_word(std::string_view word, const std::vector<std::string>& words);

/// "; perhaps WORD is meant", for the end of a message; empty where no word is near.
std::string perhaps_meant(std::string_view word, const std::vector<std::string>& words);

}  // namespace clipcls
