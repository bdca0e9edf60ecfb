// BC7, by Microsoft's "BC7 format".
#include <bit>
#include <utility>

#include "texture_blocks.h"

namespace clipcls {
namespace {

/// How many bits of what there are, in their order.
struct Bc7Mode {
  unsigned num_subsets, partition_bits, rotation_bits, selection_bits, color_bits, alpha_bits;
  bool has_bit_an_end, has_bit_a_subset;  ///< a lowest bit that all numbers of an end, or of both ends, have
  unsigned index_bits, second_index_bits;
};

constexpr std::array<Bc7Mode, 8> kBc7Modes = {{{3, 4, 0, 0, 4, 0, true, false, 3, 0},
                                               {2, 6, 0, 0, 6, 0, false, true, 3, 0},
                                               {3, 6, 0, 0, 5, 0, false, false, 2, 0},
                                               {2, 6, 0, 0, 7, 0, true, false, 2, 0},
                                               {1, 0, 2, 1, 5, 6, false, false, 2, 3},
                                               {1, 0, 2, 0, 7, 8, false, false, 2, 2},
                                               {1, 0, 0, 0, 7, 7, true, false, 4, 0},
                                               {2, 6, 0, 0, 5, 5, true, false, 2, 0}}};

using Bc7Ends = std::array<std::array<unsigned, 4>, 6>;  ///< two a subset

/// Red, green, blue and alpha of each end, spread to 8 bits.
Bc7Ends take_bc7_ends(const Bc7Mode& mode, TextureBits& bits) {
  const std::size_t num_ends = std::size_t{2} * mode.num_subsets;
  Bc7Ends ends = {};
  const auto bits_of = [&](std::size_t c) { return c < 3 ? mode.color_bits : mode.alpha_bits; };
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t i = 0; i < num_ends; ++i) ends[i][c] = bits.take(bits_of(c));
  }
  const bool has_lowest = mode.has_bit_an_end || mode.has_bit_a_subset;
  unsigned lowest = 0;
  for (std::size_t i = 0; i < num_ends; ++i) {
    if (mode.has_bit_an_end || (mode.has_bit_a_subset && i % 2 == 0)) lowest = bits.take(1);
    for (std::size_t c = 0; c < 4; ++c) {
      if (bits_of(c) == 0) {
        ends[i][c] = 255;  // no alpha
        continue;
      }
      const unsigned num_bits = bits_of(c) + (has_lowest ? 1 : 0);
      const unsigned value = (has_lowest ? ends[i][c] << 1 | lowest : ends[i][c]) << (8 - num_bits);
      ends[i][c] = value | value >> num_bits;
    }
  }
  return ends;
}

std::uint8_t between(unsigned first, unsigned second, int weight) {
  const auto part = static_cast<unsigned>(weight);
  return static_cast<std::uint8_t>((first * (64 - part) + second * part + 32) >> 6);
}

}  // namespace

void decode_bc7_block(const std::uint8_t* code, TextureBlock& block) {
  block.fill({0, 0, 0, 255});
  if (code[0] == 0) return;  // no mode
  TextureBits bits(code);
  const auto number = static_cast<unsigned>(std::countr_zero(unsigned{code[0]}));
  bits.skip_to(number + 1);
  const Bc7Mode& mode = kBc7Modes[number];
  const unsigned partition = bits.take(mode.partition_bits);
  const unsigned rotation = bits.take(mode.rotation_bits);
  const bool is_swapped = bits.take(mode.selection_bits) != 0;
  const Bc7Ends ends = take_bc7_ends(mode, bits);
  TextureBits second = bits;
  second.skip_to(bits.at() + 16 * mode.index_bits - mode.num_subsets);
  for (unsigned i = 0; i < block.size(); ++i) {
    const unsigned subset = texture_subset(mode.num_subsets, partition, i);
    const unsigned less = is_texture_anchor(mode.num_subsets, partition, i) ? 1 : 0;
    int color_weight = texture_weight(mode.index_bits, bits.take(mode.index_bits - less));
    int alpha_weight = color_weight;
    if (mode.second_index_bits > 0)
      alpha_weight = texture_weight(mode.second_index_bits, second.take(mode.second_index_bits - less));
    if (is_swapped) std::swap(color_weight, alpha_weight);
    for (std::size_t c = 0; c < 4; ++c) {
      const std::size_t first = std::size_t{2} * subset;
      block[i][c] = between(ends[first][c], ends[first + 1][c], c < 3 ? color_weight : alpha_weight);
    }
    if (rotation > 0) std::swap(block[i][rotation - 1], block[i][3]);
  }
}

}  // namespace clipcls
