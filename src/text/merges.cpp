#include "merges.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "clipcls/error.h"
#include "symbol_table.h"

namespace clipcls {
namespace {

constexpr std::string_view kEndOfWord = "</w>";
constexpr std::size_t kMaxQuotedLength = 60;

std::string quote(std::string_view value) {
  std::string quoted(1, '"');
  quoted.append(value.substr(0, kMaxQuotedLength));
  quoted.append(value.size() > kMaxQuotedLength ? "...\"" : "\"");
  return quoted;
}

[[noreturn]] void fail(std::size_t line_number, std::string_view line, const std::string& complaint) {
  throw Error(ErrorKind::kModel,
              "merges file, line " + std::to_string(line_number) + ": " + quote(line) + " " + complaint);
}

void add_byte_symbols(SymbolTable& symbols) {
  for (std::size_t byte = 0; byte < kNumBytes; ++byte) {
    const TokenId id = byte_token_ids()[byte];
    const std::string symbol = byte_symbol(static_cast<unsigned char>(byte));
    symbols.add(symbol, {}, id);
    symbols.add(symbol, kEndOfWord, kNumBytes + id);
  }
}

// Takes the first line off `text`, without its line end.
std::string_view take_line(std::string_view& text) {
  const std::size_t line_end = text.find('\n');
  std::string_view line = text.substr(0, line_end);
  text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

TokenId find_symbol(const SymbolTable& symbols, std::string_view symbol, std::size_t line_number,
                    std::string_view line) {
  const std::optional<TokenId> id = symbols.find(symbol);
  if (id) return *id;
  fail(line_number, line,
       "uses " + quote(symbol) +
           ", which is neither a byte nor built by a line above; the lines must be in their order");
}

Merge parse_merge(std::string_view line, std::size_t line_number, SymbolTable& symbols) {
  // The format allows nothing else, and what is accepted in silence here would shift all later ids.
  const std::size_t space = line.find(' ');
  const bool is_pair = space != std::string_view::npos && space > 0 && space + 1 < line.size() &&
                       line.find(' ', space + 1) == std::string_view::npos;
  if (!is_pair) fail(line_number, line, "is not a pair; expected two symbols and one space between them");
  const std::string_view left = line.substr(0, space);
  const std::string_view right = line.substr(space + 1);
  const Merge merge = {find_symbol(symbols, left, line_number, line),
                       find_symbol(symbols, right, line_number, line)};
  if (left.ends_with(kEndOfWord)) {
    fail(line_number, line, "continues after the end of a word; </w> may only end the right part");
  }
  // Note [Merging by a heap] relies on this: each symbol is built by one merge.
  if (!symbols.add(left, right, static_cast<TokenId>(symbols.size())))
    fail(line_number, line,
         "builds " + quote(std::string(left).append(right)) + " once more; each symbol is built by one line");
  return merge;
}

}  // namespace

std::vector<Merge> parse_merges(std::string_view merges_text) {
  std::string_view rest = merges_text;
  if (const std::string_view first_line = take_line(rest);
      first_line.find("#version") == std::string_view::npos) {
    fail(1, first_line, "is not a version line; a merges file starts with one such as \"#version: 0.2\"");
  }
  // Empty lines at the end are no merges. In the middle they are an error.
  while (rest.ends_with('\n') || rest.ends_with('\r')) rest.remove_suffix(1);

  const auto num_lines = static_cast<std::size_t>(std::ranges::count(rest, '\n')) + 1;
  std::vector<Merge> merges;
  merges.reserve(num_lines);
  SymbolTable symbols(kNumByteSymbols + num_lines);
  add_byte_symbols(symbols);
  for (std::size_t line_number = 2; !rest.empty(); ++line_number) {
    merges.push_back(parse_merge(take_line(rest), line_number, symbols));
  }
  return merges;
}

}  // namespace clipcls
