#include "symbol_table.h"

#include <bit>

namespace clipcls {
namespace {

/// FNV-1a, 32 bits; `hash` is that of what goes before `text`.
std::uint32_t hash_on(std::uint32_t hash, std::string_view text) {
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return hash;
}

std::uint32_t hash_of(std::string_view first, std::string_view second) {
  return hash_on(hash_on(2166136261U, first), second);
}

/// Whether `first` + `second` is `other_first` + `other_second`.
bool are_equal(std::string_view first, std::string_view second, std::string_view other_first,
               std::string_view other_second) {
  if (first.size() + second.size() != other_first.size() + other_second.size()) return false;
  if (first.size() > other_first.size()) return are_equal(other_first, other_second, first, second);
  const std::size_t shift = other_first.size() - first.size();
  return other_first.substr(0, first.size()) == first &&
         other_first.substr(first.size()) == second.substr(0, shift) && other_second == second.substr(shift);
}

}  // namespace

SymbolTable::SymbolTable(std::size_t max_symbols) : slots_(std::bit_ceil(2 * max_symbols + 1)) {
  symbols_.reserve(max_symbols);
}

std::size_t SymbolTable::find_slot(std::uint32_t hash, std::string_view first,
                                   std::string_view second) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.symbol == 0) return i;
    if (slot.hash != hash) continue;
    const Symbol& symbol = symbols_[slot.symbol - 1];
    if (are_equal(first, second, symbol.first, symbol.second)) return i;
  }
}

std::optional<TokenId> SymbolTable::find(std::string_view symbol) const {
  const Slot& slot = slots_[find_slot(hash_of(symbol, {}), symbol, {})];
  if (slot.symbol == 0) return std::nullopt;
  return symbols_[slot.symbol - 1].id;
}

bool SymbolTable::add(std::string_view first, std::string_view second, TokenId id) {
  const std::uint32_t hash = hash_of(first, second);
  Slot& slot = slots_[find_slot(hash, first, second)];
  if (slot.symbol != 0) return false;
  symbols_.push_back({first, second, id});
  slot = {hash, static_cast<std::uint32_t>(symbols_.size())};
  return true;
}

}  // namespace clipcls
