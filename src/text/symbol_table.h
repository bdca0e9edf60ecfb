#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "byte_symbols.h"

namespace clipcls {

/// The ids of symbols while a merges file is read. A symbol is known by 64 bits of checksum and not by its
/// text: of CLIP's 49,000 two agree with a chance of 1 in 10^10, and none do. With their texts as keys of a
/// std::unordered_map they took 35 ms of each start.
class SymbolTable {
 public:
  explicit SymbolTable(std::size_t max_symbols);

  std::size_t size() const { return size_; }

  /// None: no such symbol.
  std::optional<TokenId> find(std::string_view symbol) const;

  /// Adds the symbol `first` + `second`. False: it is there already, and nothing is added. More than
  /// `max_symbols` have no place.
  bool add(std::string_view first, std::string_view second, TokenId id);

 private:
  struct Slot {
    std::uint64_t checksum = 0;  ///< 0: the slot is free
    TokenId id = 0;
  };

  /// The number of the slot that holds the symbol, or that is free for it.
  std::size_t find_slot(std::uint64_t checksum) const;

  std::size_t size_ = 0;
  std::vector<Slot> slots_;  ///< open addressing; a power of two, at most half full
};

}  // namespace clipcls
