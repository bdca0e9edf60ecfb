#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "byte_symbols.h"

namespace clipcls {

/// The ids of symbols while a merges file is read. A symbol is held as the two parts that it was built of,
/// which must outlive the table: CLIP's 49,000 symbols as std::string keys of a std::unordered_map took
/// 35 ms of each start.
class SymbolTable {
 public:
  explicit SymbolTable(std::size_t max_symbols);

  std::size_t size() const { return symbols_.size(); }

  /// None: no such symbol.
  std::optional<TokenId> find(std::string_view symbol) const;

  /// Adds the symbol `first` + `second`. False: it is there already, and nothing is added. More than
  /// `max_symbols` have no place.
  bool add(std::string_view first, std::string_view second, TokenId id);

 private:
  struct Symbol {
    std::string_view first;
    std::string_view second;
    TokenId id = 0;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t symbol = 0;  ///< its number in symbols_, counted from 1; 0: the slot is free
  };

  /// Of the slot that holds the symbol, or that is free for it.
  std::size_t find_slot(std::uint32_t hash, std::string_view first, std::string_view second) const;

  std::vector<Symbol> symbols_;
  std::vector<Slot> slots_;  ///< open addressing; a power of two, at most half full
};

}  // namespace clipcls
