// BC6H: colours as floating point numbers of 16 bits, by Microsoft's "BC6H format".
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "texture_blocks.h"

namespace clipcls {
namespace {

constexpr unsigned kNumPartitionBits = 5;

/// Two ends of a line of colours for each subset, in numbers of so many bits.
struct Bc6Mode {
  unsigned num_subsets = 1;
  bool has_deltas = false;              ///< all ends but the first are differences to it
  unsigned num_bits = 10;               ///< of the first end
  std::array<unsigned, 3> others = {};  ///< of the red, green and blue of the others
  /// Where the numbers' bits lie: "r0:0-9" are bits 0 to 9 of the red of the first end, "b3:5-4" first bit 5
  /// of the blue of the fourth, then bit 4. Positions are hexadecimal digits.
  std::string_view layout;
};

constexpr std::array<Bc6Mode, 14> kBc6Modes = {{
    {2,
     true,
     10,
     {5, 5, 5},
     "g2:4 b2:4 b3:4 r0:0-9 g0:0-9 b0:0-9 r1:0-4 g3:4 g2:0-3 g1:0-4 b3:0 g3:0-3 b1:0-4 b3:1 b2:0-3 r2:0-4 "
     "b3:2 r3:0-4 b3:3"},
    {2,
     true,
     7,
     {6, 6, 6},
     "g2:5 g3:4-5 r0:0-6 b3:0-1 b2:4 g0:0-6 b2:5 b3:2 g2:4 b0:0-6 b3:3 b3:5-4 r1:0-5 g2:0-3 g1:0-5 g3:0-3 "
     "b1:0-5 b2:0-3 r2:0-5 r3:0-5"},
    {2,
     true,
     11,
     {5, 4, 4},
     "r0:0-9 g0:0-9 b0:0-9 r1:0-4 r0:a g2:0-3 g1:0-3 g0:a b3:0 g3:0-3 b1:0-3 b0:a b3:1 b2:0-3 r2:0-4 b3:2 "
     "r3:0-4 b3:3"},
    {2,
     true,
     11,
     {4, 5, 4},
     "r0:0-9 g0:0-9 b0:0-9 r1:0-3 r0:a g3:4 g2:0-3 g1:0-4 g0:a g3:0-3 b1:0-3 b0:a b3:1 b2:0-3 r2:0-3 b3:0 "
     "b3:2 r3:0-3 g2:4 b3:3"},
    {2,
     true,
     11,
     {4, 4, 5},
     "r0:0-9 g0:0-9 b0:0-9 r1:0-3 r0:a b2:4 g2:0-3 g1:0-3 g0:a b3:0 g3:0-3 b1:0-4 b0:a b2:0-3 r2:0-3 b3:1-2 "
     "r3:0-3 b3:4-3"},
    {2,
     true,
     9,
     {5, 5, 5},
     "r0:0-8 b2:4 g0:0-8 g2:4 b0:0-8 b3:4 r1:0-4 g3:4 g2:0-3 g1:0-4 b3:0 g3:0-3 b1:0-4 b3:1 b2:0-3 r2:0-4 "
     "b3:2 r3:0-4 b3:3"},
    {2,
     true,
     8,
     {6, 5, 5},
     "r0:0-7 g3:4 b2:4 g0:0-7 b3:2 g2:4 b0:0-7 b3:3-4 r1:0-5 g2:0-3 g1:0-4 b3:0 g3:0-3 b1:0-4 b3:1 b2:0-3 "
     "r2:0-5 r3:0-5"},
    {2,
     true,
     8,
     {5, 6, 5},
     "r0:0-7 b3:0 b2:4 g0:0-7 g2:5-4 b0:0-7 g3:5 b3:4 r1:0-4 g3:4 g2:0-3 g1:0-5 g3:0-3 b1:0-4 b3:1 b2:0-3 "
     "r2:0-4 b3:2 r3:0-4 b3:3"},
    {2,
     true,
     8,
     {5, 5, 6},
     "r0:0-7 b3:1 b2:4 g0:0-7 b2:5 g2:4 b0:0-7 b3:5-4 r1:0-4 g3:4 g2:0-3 g1:0-4 b3:0 g3:0-3 b1:0-5 b2:0-3 "
     "r2:0-4 b3:2 r3:0-4 b3:3"},
    {2,
     false,
     6,
     {6, 6, 6},
     "r0:0-5 g3:4 b3:0-1 b2:4 g0:0-5 g2:5 b2:5 b3:2 g2:4 b0:0-5 g3:5 b3:3 b3:5-4 r1:0-5 g2:0-3 g1:0-5 g3:0-3 "
     "b1:0-5 b2:0-3 r2:0-5 r3:0-5"},
    {1, false, 10, {10, 10, 10}, "r0:0-9 g0:0-9 b0:0-9 r1:0-9 g1:0-9 b1:0-9"},
    {1, true, 11, {9, 9, 9}, "r0:0-9 g0:0-9 b0:0-9 r1:0-8 r0:a g1:0-8 g0:a b1:0-8 b0:a"},
    {1, true, 12, {8, 8, 8}, "r0:0-9 g0:0-9 b0:0-9 r1:0-7 r0:b-a g1:0-7 g0:b-a b1:0-7 b0:b-a"},
    {1, true, 16, {4, 4, 4}, "r0:0-9 g0:0-9 b0:0-9 r1:0-3 r0:f-a g1:0-3 g0:f-a b1:0-3 b0:f-a"},
}};

unsigned digit_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// The number of the mode, and behind its bits; 14 and more: there is none.
std::size_t take_bc6_mode(TextureBits& bits) {
  const unsigned low = bits.take(2);
  if (low < 2) return low;
  return (low == 2 ? 2U : 10U) + bits.take(3);
}

/// Red, green, blue of each end, as they are stored.
std::array<int, 12> take_bc6_ends(std::string_view layout, TextureBits& bits) {
  std::array<int, 12> ends = {};
  while (!layout.empty()) {
    const std::string_view field = layout.substr(0, layout.find(' '));
    layout.remove_prefix(std::min(layout.size(), field.size() + 1));
    const std::size_t end = std::size_t{3} * digit_at(field, 1) + std::string_view("rgb").find(field[0]);
    const unsigned first = digit_at(field, 3);
    const unsigned last = field.size() > 4 ? digit_at(field, 5) : first;
    for (unsigned bit = first;; first <= last ? ++bit : --bit) {
      ends[end] |= static_cast<int>(bits.take(1) << bit);
      if (bit == last) break;
    }
  }
  return ends;
}

int sign_extended(int value, unsigned num_bits) {
  const int sign = 1 << (num_bits - 1);
  return (value & sign) != 0 ? value - 2 * sign : value;
}

/// To the range of 16 bits.
int unquantized(int value, unsigned num_bits, bool is_signed) {
  if (!is_signed) {
    if (num_bits >= 15 || value == 0) return value;
    if (value == (1 << num_bits) - 1) return 0xFFFF;
    return ((value << 15) + 0x4000) >> (num_bits - 1);
  }
  if (num_bits >= 16) return value;
  const int size = std::abs(value);
  int result = 0;
  if (size >= (1 << (num_bits - 1)) - 1) {
    result = 0x7FFF;
  } else if (size != 0) {
    result = ((size << 15) + 0x4000) >> (num_bits - 1);
  }
  return value < 0 ? -result : result;
}

/// What a value between two ends is as a number of half precision, cut to 0 .. 1 and spread to 0 .. 255.
std::uint8_t byte_of_half(int value, bool is_signed) {
  if (value < 0) return 0;
  const int half = value * 31 / (is_signed ? 32 : 64);
  const int exponent = half >> 10;
  const int fraction = half & 0x3FF;
  const float number = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                     : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return number > 1.0F ? 255 : static_cast<std::uint8_t>(number * 255.0F);
}

void decode_half_block(const std::uint8_t* code, bool is_signed, TextureBlock& block) {
  TextureBits bits(code);
  const std::size_t number = take_bc6_mode(bits);
  block.fill({0, 0, 0, 255});
  if (number >= kBc6Modes.size()) return;
  const Bc6Mode& mode = kBc6Modes[number];
  std::array<int, 12> ends = take_bc6_ends(mode.layout, bits);
  const unsigned partition = mode.num_subsets == 2 ? bits.take(kNumPartitionBits) : 0;
  for (std::size_t i = 0; i < std::size_t{6} * mode.num_subsets; ++i) {
    const unsigned num_bits = i < 3 ? mode.num_bits : mode.others[i % 3];
    if (is_signed || (i >= 3 && mode.has_deltas)) ends[i] = sign_extended(ends[i], num_bits);
    // As in Pillow, a sum is no negative number.
    if (i >= 3 && mode.has_deltas) ends[i] = (ends[i] + ends[i % 3]) & ((1 << mode.num_bits) - 1);
  }
  // A sum of 16 bits is one all the same.
  for (int& end : ends)
    end = unquantized(is_signed ? sign_extended(end & 0xFFFF, 16) : end, mode.num_bits, is_signed);
  const unsigned index_bits = mode.num_subsets == 2 ? 3 : 4;
  for (unsigned i = 0; i < block.size(); ++i) {
    const std::size_t first = std::size_t{6} * texture_subset(mode.num_subsets, partition, i);
    const bool is_anchor = is_texture_anchor(mode.num_subsets, partition, i);
    const int weight = texture_weight(index_bits, bits.take(index_bits - (is_anchor ? 1 : 0)));
    for (std::size_t c = 0; c < 3; ++c) {
      const int value = (ends[first + c] * (64 - weight) + ends[first + 3 + c] * weight) >> 6;
      block[i][c] = byte_of_half(value, is_signed);
    }
  }
}

}  // namespace

void decode_bc6_block(const std::uint8_t* code, TextureBlock& block) {
  decode_half_block(code, false, block);
}

void decode_signed_bc6_block(const std::uint8_t* code, TextureBlock& block) {
  decode_half_block(code, true, block);
}

}  // namespace clipcls
