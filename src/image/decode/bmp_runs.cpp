// RLE8 and RLE4. Pairs of bytes: a count and a colour, or 0 and what to do.
#include <algorithm>

#include "bmp_picture.h"

namespace clipcls {
namespace {

constexpr std::uint32_t kFourBitRuns = 2;  // the compression's number

class RunReader {
 public:
  RunReader(const BmpPicture& picture, Bytes file)
      : file_(file),
        at_(picture.pixels_at),
        width_(static_cast<std::size_t>(picture.width)),
        num_pixels_(width_ * static_cast<std::size_t>(picture.height)),
        has_four_bits_(picture.compression == kFourBitRuns) {}

  /// As Pillow has it also where a file is not as it should be: what goes on behind the end of a row is left
  /// out in a run, and lies in the next row where colours follow one by one.
  std::vector<std::uint8_t> read() {
    while (pixels_.size() < num_pixels_ && rest() >= 2) {
      const unsigned count = file_[at_];
      const unsigned byte = file_[at_ + 1];
      at_ += 2;
      if (count > 0) {
        repeat(count, byte);
      } else if (byte == 0) {
        end_row();
      } else if (byte == 1 || (byte == 2 ? !move() : !copy(byte))) {
        break;
      }
    }
    return std::move(pixels_);
  }

 private:
  std::size_t rest() const { return file_.size() - std::min(at_, file_.size()); }
  std::uint8_t color(unsigned byte, std::size_t index) const {
    if (!has_four_bits_) return static_cast<std::uint8_t>(byte);
    return static_cast<std::uint8_t>(index % 2 == 0 ? byte >> 4 : byte & 15);
  }
  void add_zeros(std::size_t count) {
    pixels_.resize(pixels_.size() + std::min(count, num_pixels_ - std::min(num_pixels_, pixels_.size())));
  }

  void repeat(std::size_t count, unsigned byte) {
    count = std::min(count, width_ - std::min(width_, x_));
    for (std::size_t i = 0; i < count; ++i) pixels_.push_back(color(byte, i));
    x_ += count;
  }

  void end_row() {
    add_zeros((width_ - pixels_.size() % width_) % width_);
    x_ = 0;
  }

  // To the right and upwards, over pixels of the first colour.
  bool move() {
    if (rest() < 2) return false;
    add_zeros(file_[at_] + file_[at_ + 1] * width_);
    at_ += 2;
    x_ = pixels_.size() % width_;
    return true;
  }

  // Colours one by one, in an even number of bytes.
  bool copy(std::size_t count) {
    const std::size_t num_colors = std::min(count, num_pixels_ - pixels_.size());
    const std::size_t num_bytes = has_four_bits_ ? (num_colors + 1) / 2 : num_colors;
    if (rest() < num_bytes) return false;
    for (std::size_t i = 0; i < num_colors; ++i)
      pixels_.push_back(color(file_[at_ + (has_four_bits_ ? i / 2 : i)], i));
    at_ += num_bytes;
    if (at_ % 2 != 0) ++at_;
    x_ += count;
    return pixels_.size() < num_pixels_;
  }

  Bytes file_;
  std::size_t at_;
  std::size_t width_;
  std::size_t num_pixels_;
  bool has_four_bits_;
  std::size_t x_ = 0;  // in the row, which may be behind its end
  std::vector<std::uint8_t> pixels_;
};

}  // namespace

std::vector<std::uint8_t> unpack_bmp_runs(const BmpPicture& picture, Bytes file) {
  std::vector<std::uint8_t> pixels = RunReader(picture, file).read();
  const std::size_t num_pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  if (pixels.size() < num_pixels) throw_broken(picture.format, "it has too few pixels");
  return pixels;
}

}  // namespace clipcls
