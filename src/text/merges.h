#pragma once

#include <string_view>
#include <vector>

#include "byte_symbols.h"

namespace clipcls {

/// Two neighbouring symbols that become one. The i-th merge builds the symbol kNumByteSymbols + i.
struct Merge {
  TokenId left;
  TokenId right;
};

/// Reads a merges file: a "#version" line, then one "left right" pair a line, the first to be merged first.
/// Ensures what BytePairEncoder relies on: every part is a byte or built by a line above, no two lines build
/// the same symbol, no left part ends a word. Throws Error (kModel) that names the line otherwise.
std::vector<Merge> parse_merges(std::string_view merges_text);

}  // namespace clipcls
