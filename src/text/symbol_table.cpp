#include "symbol_table.h"

#include <algorithm>
#include <bit>

namespace clipcls {
namespace {

/// FNV-1a, 64 bits; `checksum` is that of what goes before `text`.
std::uint64_t checksum_on(std::uint64_t checksum, std::string_view text) {
  for (const char byte : text) checksum = (checksum ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return checksum;
}

/// Never 0.
std::uint64_t checksum_of(std::string_view first, std::string_view second) {
  return std::max<std::uint64_t>(1, checksum_on(checksum_on(14695981039346656037U, first), second));
}

}  // namespace

SymbolTable::SymbolTable(std::size_t max_symbols) : slots_(std::bit_ceil(2 * max_symbols + 1)) {}

std::size_t SymbolTable::find_slot(std::uint64_t checksum) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = static_cast<std::size_t>(checksum ^ (checksum >> 32)) & mask;
  while (slots_[i].checksum != 0 && slots_[i].checksum != checksum) i = (i + 1) & mask;
  return i;
}

std::optional<TokenId> SymbolTable::find(std::string_view symbol) const {
  const Slot& slot = slots_[find_slot(checksum_of(symbol, {}))];
  if (slot.checksum == 0) return std::nullopt;
  return slot.id;
}

bool SymbolTable::add(std::string_view first, std::string_view second, TokenId id) {
  const std::uint64_t checksum = checksum_of(first, second);
  Slot& slot = slots_[find_slot(checksum)];
  // Symbols are known by 64 bits of checksum alone, which spares the texts. Of 50,000 symbols two agree with
  // a chance of one in ten thousand million.
  if (slot.checksum != 0) return false;
  slot = {checksum, id};
  ++size_;
  return true;
}

}  // namespace clipcls
