#pragma once

#include <cstdint>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// The format's name in messages.
inline constexpr std::string_view kPng = "PNG";

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

/// A frame of an animation.
struct PngFrame {
  Bytes control;            ///< fcTL's content
  std::vector<Bytes> data;  ///< fdAT's, in their order, each behind its sequence number of four bytes
};

/// The chunks of a PNG file that count for its pictures. They point into the file.
struct PngChunks {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int bit_depth = 0;
  int color_type = 0;
  bool is_interlaced = false;
  Bytes header;             ///< IHDR's content, 13 bytes
  Bytes palette;            ///< PLTE's
  Bytes transparency;       ///< tRNS's
  std::vector<Bytes> data;  ///< IDAT's, in their order
  bool is_whole = true;     ///< the file has its end chunk, and the pixels fit their checksums
  bool is_crushed = false;  ///< by Apple's Xcode: bare deflate, blue before red, colours multiplied by alpha

  std::uint32_t num_frames = 0;  ///< that acTL promises; 0: it is no animation
  std::vector<PngFrame> frames;  ///< the first has its pixels in `data`, unless there is a default picture
  bool has_default_picture = false;  ///< which is in `data`, and no frame

  // Where an orientation can be; the last of each kind counts, as in Pillow.
  Bytes exif;         ///< of an eXIf chunk, or of a text named exif
  Bytes raw_profile;  ///< ImageMagick's text of hexadecimal digits
  Bytes xmp;
  bool is_raw_profile_packed = false;  ///< by zlib
  bool is_xmp_packed = false;

  bool has_alpha() const { return color_type >= 4 || !transparency.empty(); }
  bool has_animation() const { return num_frames > 0; }
};

/// Walks the chunks. As in Pillow, nothing is asked of what follows the pixels but that a chunk that begins
/// is all there, and the pixels' own chunks may be cut or fail their checksums: whether the pixels are all
/// there is seen by unpacking them. Unless `reads_frames`, an animation ends behind its first picture. Throws
/// kBrokenImage.
PngChunks read_png_chunks(Bytes bytes, bool reads_frames);

/// What the file says of the picture's orientation, 1 .. 8.
int read_png_orientation(const PngChunks& chunks);

struct RepairedPng {
  std::vector<std::uint8_t> file;
  bool is_truncated = false;  ///< rows that are missing are zeros
};

/// A plain file of the same picture, once it is sure that its pixels are all there and undamaged; throws
/// kBrokenImage otherwise. With `accepts_truncated` a whole row is enough.
RepairedPng repair_png(const PngChunks& chunks, bool accepts_truncated);

}  // namespace clipcls
