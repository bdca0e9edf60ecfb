// BC1 to BC5: colours or numbers on a line between two that a block names.
#include "texture_blocks.h"

#include <algorithm>

namespace clipcls {
namespace {

/// Five, six and five bits, spread to eight.
std::array<unsigned, 3> color_of_565(unsigned value) {
  const auto spread = [](unsigned bits, unsigned num_bits) {
    const unsigned high = bits << (8 - num_bits);
    return high | high >> num_bits;
  };
  return {spread(value >> 11, 5), spread(value >> 5 & 63, 6), spread(value & 31, 5)};
}

/// `has_alpha`: the block has its alpha elsewhere, and four colours in any case.
void decode_colors(const std::uint8_t* code, bool has_alpha, TextureBlock& block) {
  const Bytes bytes(code, 8);
  const unsigned first = read_u16_le(bytes, 0);
  const unsigned second = read_u16_le(bytes, 2);
  const std::array<unsigned, 3> a = color_of_565(first);
  const std::array<unsigned, 3> b = color_of_565(second);
  const bool has_four = first > second || has_alpha;
  std::array<std::array<std::uint8_t, 4>, 4> colors = {};  // the last of three is transparent
  for (std::size_t c = 0; c < 3; ++c) {
    colors[0][c] = static_cast<std::uint8_t>(a[c]);
    colors[1][c] = static_cast<std::uint8_t>(b[c]);
    colors[2][c] = static_cast<std::uint8_t>(has_four ? (2 * a[c] + b[c]) / 3 : (a[c] + b[c]) / 2);
    if (has_four) colors[3][c] = static_cast<std::uint8_t>((a[c] + 2 * b[c]) / 3);
  }
  for (std::size_t i = 0; i < colors.size(); ++i) colors[i][3] = i < 3 || has_four ? 255 : 0;
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = colors[code[4 + i / 4] >> 2 * (i % 4) & 3];
}

/// The numbers of eight bytes into channel `c`. `first` and `second` are the two that they name.
void decode_numbers(const std::uint8_t* code, unsigned first, unsigned second, std::size_t c,
                    TextureBlock& block) {
  std::array<unsigned, 8> numbers = {first, second, 0, 0, 0, 0, 0, 255};
  const unsigned last = first > second ? 7 : 5;  // how many parts the line between them has
  for (unsigned i = 1; i < last; ++i) numbers[i + 1] = ((last - i) * first + i * second) / last;
  TextureBits bits(code);
  bits.skip_to(16);
  for (auto& pixel : block) pixel[c] = static_cast<std::uint8_t>(numbers[bits.take(3)]);
}

void decode_unsigned(const std::uint8_t* code, std::size_t c, TextureBlock& block) {
  decode_numbers(code, code[0], code[1], c, block);
}

void decode_signed(const std::uint8_t* code, std::size_t c, TextureBlock& block) {
  // -128 is 0: the highest bit turned over.
  decode_numbers(code, code[0] ^ 128U, code[1] ^ 128U, c, block);
}

}  // namespace

void decode_bc1_block(const std::uint8_t* code, TextureBlock& block) { decode_colors(code, false, block); }

void decode_bc2_block(const std::uint8_t* code, TextureBlock& block) {
  decode_colors(code + 8, true, block);
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i][3] = static_cast<std::uint8_t>((code[i / 2] >> 4 * (i % 2) & 15) * 17);
}

void decode_bc3_block(const std::uint8_t* code, TextureBlock& block) {
  decode_colors(code + 8, true, block);
  decode_unsigned(code, 3, block);
}

void decode_bc4_block(const std::uint8_t* code, TextureBlock& block) {
  decode_unsigned(code, 0, block);
  for (auto& pixel : block) pixel = {pixel[0], pixel[0], pixel[0], 255};
}

void decode_bc5_block(const std::uint8_t* code, TextureBlock& block) {
  block.fill({0, 0, 0, 255});
  decode_unsigned(code, 0, block);
  decode_unsigned(code + 8, 1, block);
}

void decode_signed_bc5_block(const std::uint8_t* code, TextureBlock& block) {
  block.fill({0, 0, 128, 255});
  decode_signed(code, 0, block);
  decode_signed(code + 8, 1, block);
}

}  // namespace clipcls
