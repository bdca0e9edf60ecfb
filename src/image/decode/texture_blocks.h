#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "decoders.h"

namespace clipcls {

/// Four times four pixels of red, green, blue and alpha, row by row.
using TextureBlock = std::array<std::array<std::uint8_t, 4>, 16>;

/// A way to code blocks. Every code stands for some pixels, so that none is broken.
struct TextureCoding {
  std::size_t block_bytes = 16;
  void (*decode)(const std::uint8_t* code, TextureBlock& block) = nullptr;
  bool has_alpha = false;
};

// By Microsoft's "Texture Block Compression in Direct3D 11"; where it leaves rounding open, as Pillow rounds.
void decode_bc1_block(const std::uint8_t* code, TextureBlock& block);
void decode_bc2_block(const std::uint8_t* code, TextureBlock& block);
void decode_bc3_block(const std::uint8_t* code, TextureBlock& block);
/// Grey.
void decode_bc4_block(const std::uint8_t* code, TextureBlock& block);
/// Red and green; blue is 0, of signed values the middle.
void decode_bc5_block(const std::uint8_t* code, TextureBlock& block);
void decode_signed_bc5_block(const std::uint8_t* code, TextureBlock& block);
/// Colours as floating point numbers: what is below 0 or above 1 is cut off.
void decode_bc6_block(const std::uint8_t* code, TextureBlock& block);
void decode_signed_bc6_block(const std::uint8_t* code, TextureBlock& block);
void decode_bc7_block(const std::uint8_t* code, TextureBlock& block);

/// The bits of a block of 16 bytes, the lowest first.
class TextureBits {
 public:
  explicit TextureBits(const std::uint8_t* code) : code_(code) {}

  unsigned take(unsigned num_bits) {
    unsigned value = 0;
    for (unsigned i = 0; i < num_bits; ++i, ++at_) value |= (code_[at_ / 8] >> at_ % 8 & 1U) << i;
    return value;
  }
  void skip_to(unsigned at) { at_ = at; }
  unsigned at() const { return at_; }

 private:
  const std::uint8_t* code_;
  unsigned at_ = 0;
};

/// Into which of `num_subsets` (1 to 3) parts of the block pixel `i` falls, in BC6H and BC7.
unsigned texture_subset(unsigned num_subsets, unsigned partition, unsigned i);

/// Whether pixel `i` is the one of its part whose index has a bit less, as its highest is 0.
bool is_texture_anchor(unsigned num_subsets, unsigned partition, unsigned i);

/// How much of 64 the second colour counts at an index of so many bits, 2 to 4.
int texture_weight(unsigned num_bits, unsigned index);

}  // namespace clipcls
