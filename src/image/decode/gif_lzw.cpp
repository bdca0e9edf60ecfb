#include "gif_lzw.h"

#include <algorithm>
#include <array>

namespace clipcls {
namespace {

constexpr unsigned kMaxCodeBits = 12;
constexpr std::size_t kTableSize = std::size_t{1} << kMaxCodeBits;

/// Codes of growing width out of the sub-blocks, the lowest bits first.
class CodeReader {
 public:
  explicit CodeReader(GifReader& reader) : reader_(reader) {}

  std::size_t next(unsigned num_bits) {
    // At most 11 bits are held when a byte comes, and a code has at most 12, so 32 bits are enough.
    while (num_held_ < num_bits) {
      if (block_.empty()) {
        block_ = reader_.sub_block();
        if (block_.empty()) throw_broken("GIF", "its data ends before the picture does");
      }
      bits_ |= std::uint32_t{block_[0]} << num_held_;
      num_held_ += 8;
      block_ = block_.subspan(1);
    }
    const std::size_t code = bits_ & ((std::uint32_t{1} << num_bits) - 1);
    bits_ >>= num_bits;
    num_held_ -= num_bits;
    return code;
  }

 private:
  GifReader& reader_;
  Bytes block_;
  std::uint32_t bits_ = 0;
  unsigned num_held_ = 0;
};

/// The strings that codes stand for: each is an older one and a byte more.
class StringTable {
 public:
  /// Codes below `num_literals` are one byte each; the two above have other meanings.
  explicit StringTable(std::size_t num_literals) : num_literals_(num_literals), size_(num_literals + 2) {
    for (std::size_t i = 0; i < num_literals; ++i)
      entries_[i] = {0, 1, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i)};
  }

  void clear() { size_ = num_literals_ + 2; }
  std::size_t size() const { return size_; }
  std::uint8_t first_byte(std::size_t code) const { return entries_[code].first; }

  void add(std::size_t older, std::uint8_t byte) {
    // A full table stays as it is until the writer clears it; codes keep 12 bits.
    if (size_ == kTableSize) return;
    const Entry& start = entries_[older];
    entries_[size_++] = {static_cast<std::uint16_t>(older), static_cast<std::uint16_t>(start.length + 1),
                         byte, start.first};
  }

  /// Writes the string to `to` from `at` on, as far as there is room, and returns where it ends.
  std::size_t write(std::size_t code, std::vector<std::uint8_t>& to, std::size_t at) const {
    const std::size_t end = at + entries_[code].length;
    // A string is chained from its last byte to its first, so it is written from its end.
    for (std::size_t i = end; i-- > at; code = entries_[code].older) {
      if (i < to.size()) to[i] = entries_[code].last;
    }
    return end;
  }

 private:
  struct Entry {
    std::uint16_t older = 0;
    std::uint16_t length = 0;
    std::uint8_t last = 0;
    std::uint8_t first = 0;
  };
  std::size_t num_literals_;
  std::size_t size_;
  std::array<Entry, kTableSize> entries_ = {};
};

/// Throws kBrokenImage where there are fewer, or codes that cannot be; `at` is then how many came before.
void unpack(GifReader& reader, std::vector<std::uint8_t>& indices, std::size_t& at) {
  const unsigned literal_bits = reader.byte();
  if (literal_bits >= kMaxCodeBits) throw_broken("GIF", "its codes are too long");
  // GIF's own two codes lie right above the literals: clear, then end.
  const std::size_t clear_code = std::size_t{1} << literal_bits;
  const std::size_t end_code = clear_code + 1;
  constexpr std::size_t kNone = kTableSize;

  CodeReader codes(reader);
  StringTable strings(clear_code);
  unsigned num_bits = literal_bits + 1;
  std::size_t last_code = kNone;
  // It ends with the last pixel: nothing is asked of what follows, not even the end code.
  while (at < indices.size()) {
    const std::size_t code = codes.next(num_bits);
    if (code == clear_code) {
      strings.clear();
      num_bits = literal_bits + 1;
      last_code = kNone;
      continue;
    }
    if (code == end_code) throw_broken("GIF", "its data ends before the picture does");
    const bool is_first = last_code == kNone;
    // The first code behind a clear must be a literal. Later ones may name one string more than there are:
    // the one that they themselves define.
    if (is_first ? code > clear_code : code > strings.size()) throw_broken("GIF", "its data is damaged");
    if (!is_first) {
      // A code that is about to be defined repeats the first byte of the string before it.
      const std::size_t next_code = strings.size();
      strings.add(last_code, strings.first_byte(code == next_code ? last_code : code));
      // A code grows by a bit once the table's newest entry needs all of its bits.
      const std::size_t last_of_width = (std::size_t{1} << num_bits) - 1;
      if (next_code == last_of_width && num_bits < kMaxCodeBits) ++num_bits;
    }
    at = strings.write(code, indices, at);
    last_code = code;
  }
}

}  // namespace

GifIndices unpack_gif_lzw(GifReader& reader, std::size_t num_pixels) {
  GifIndices unpacked{std::vector<std::uint8_t>(num_pixels)};
  try {
    unpack(reader, unpacked.indices, unpacked.num_unpacked);
  } catch (const Error& error) {
    unpacked.problem = error;
  }
  // The last string may be longer than the rest of the picture.
  unpacked.num_unpacked = std::min(unpacked.num_unpacked, num_pixels);
  return unpacked;
}

}  // namespace clipcls
