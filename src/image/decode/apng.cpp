// Animations in PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation
#include "apng.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr int kIndexedColors = 3;
constexpr std::size_t kSequenceNumberBytes = 4;

/// Red, green, blue, alpha; of indexed colours the index alone, since Pillow lays indices over indices.
using ApngPixel = std::array<std::uint8_t, 4>;

struct ApngControl {
  std::size_t left = 0, top = 0, width = 0, height = 0;
  enum class Disposal { kNone, kBackground, kPrevious } disposal = Disposal::kNone;
  bool is_blended = false;
};

ApngControl read_control(const PngChunks& chunks, const PngFrame& frame) {
  if (frame.control.size() < 26) throw_broken(kPng, "a frame of it is damaged");
  const auto number = [&](std::size_t at) { return std::int64_t{read_u32_be(frame.control, at)}; };
  const std::int64_t width = number(4);
  const std::int64_t height = number(8);
  const std::int64_t left = number(12);
  const std::int64_t top = number(16);
  if (width == 0 || height == 0 || left + width > chunks.width || top + height > chunks.height)
    throw_broken(kPng, "a frame of it lies outside of the picture");
  ApngControl control{static_cast<std::size_t>(left), static_cast<std::size_t>(top),
                      static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
  if (frame.control[24] == 1) control.disposal = ApngControl::Disposal::kBackground;
  if (frame.control[24] == 2) control.disposal = ApngControl::Disposal::kPrevious;
  control.is_blended = frame.control[25] == 1;
  return control;
}

/// Throws unless the numbers of the chunks of frames count up from 0, up to those of `num_frames` frames.
void check_sequence(const PngChunks& chunks, std::size_t num_frames) {
  std::uint32_t next = 0;
  const auto check = [&](Bytes content) {
    if (content.size() < kSequenceNumberBytes || read_u32_be(content, 0) != next++)
      throw_broken(kPng, "its frames are in disorder");
  };
  for (std::size_t i = 0; i < num_frames; ++i) {
    check(chunks.frames[i].control);
    for (const Bytes part : chunks.frames[i].data) check(part);
  }
}

/// The pixels of a picture in the file, [height, width].
std::vector<ApngPixel> decode_part(const PngChunks& chunks, std::size_t width, std::size_t height,
                                   std::vector<Bytes> data, const DecodeOptions& options) {
  PngChunks part;
  part.header = chunks.header;
  part.width = static_cast<std::int64_t>(width);
  part.height = static_cast<std::int64_t>(height);
  part.bit_depth = chunks.bit_depth;
  part.is_interlaced = chunks.is_interlaced;
  part.color_type = chunks.color_type == kIndexedColors ? 0 : chunks.color_type;
  // Transparent is a value of RGB, and where one grey is, Pillow lays frames over it all the same.
  if (chunks.color_type == 2) part.transparency = chunks.transparency;
  part.data = std::move(data);
  const RepairedPng file = repair_png(part, false);
  const DecodedImage decoded = part.has_alpha() ? decode_alpha_with_stb(kPng, file.file, options)
                                                : DecodedImage{decode_with_stb(kPng, file.file, options)};
  std::vector<ApngPixel> pixels(width * height);
  // Indices came as greys, which have been spread to 0 .. 255.
  const unsigned spread =
      chunks.color_type == kIndexedColors && chunks.bit_depth < 8 ? 255 / ((1U << chunks.bit_depth) - 1) : 1;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      pixels[i][c] = static_cast<std::uint8_t>(decoded.image.pixels[3 * i + c] / spread);
    pixels[i][3] = decoded.alpha.empty() ? 255 : decoded.alpha[i];
  }
  return pixels;
}

/// How much of a pixel is seen.
unsigned weight_of(const PngChunks& chunks, const ApngPixel& pixel) {
  if (chunks.color_type != kIndexedColors) return pixel[3];
  return pixel[0] < chunks.transparency.size() ? chunks.transparency[pixel[0]] : 255;
}

/// Pillow's paste() with a mask, which weighs indices and alpha like colours.
ApngPixel blended(const ApngPixel& below, const ApngPixel& above, unsigned weight) {
  ApngPixel result;
  for (std::size_t c = 0; c < result.size(); ++c) {
    const unsigned sum = below[c] * (255 - weight) + above[c] * weight + 128;
    result[c] = static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);  // sum / 255, rounded
  }
  return result;
}

class ApngCanvas {
 public:
  ApngCanvas(const PngChunks& chunks, const DecodeOptions& options)
      : chunks_(chunks),
        options_(options),
        width_(static_cast<std::size_t>(chunks.width)),
        pixels_(decode_part(chunks, width_, static_cast<std::size_t>(chunks.height), chunks.data, options)) {}

  /// How the first frame leaves its place. What was there before it is nothing.
  void dispose_of_first(ApngControl control) {
    if (control.disposal == ApngControl::Disposal::kPrevious)
      control.disposal = ApngControl::Disposal::kBackground;
    leave(control);
  }

  void add(const ApngControl& control, const PngFrame& frame) {
    put_back();
    leave(control);
    std::vector<Bytes> data;
    for (const Bytes part : frame.data) data.push_back(part.subspan(kSequenceNumberBytes));
    const std::vector<ApngPixel> above =
        decode_part(chunks_, control.width, control.height, std::move(data), options_);
    for (std::size_t i = 0; i < above.size(); ++i) {
      ApngPixel& pixel = at(control, i);
      pixel = control.is_blended ? blended(pixel, above[i], weight_of(chunks_, above[i])) : above[i];
    }
  }

  DecodedImage picture() const {
    DecodedImage decoded{RgbImage(static_cast<int>(chunks_.width), static_cast<int>(chunks_.height))};
    if (chunks_.has_alpha()) decoded.alpha.reserve(pixels_.size());
    std::uint8_t* to = decoded.image.pixels.data();
    for (const ApngPixel& pixel : pixels_) {
      const std::size_t color = std::size_t{pixel[0]} * 3;
      if (chunks_.color_type != kIndexedColors) {
        to = std::copy_n(pixel.data(), 3, to);
      } else if (color + 3 <= chunks_.palette.size()) {
        to = std::copy_n(chunks_.palette.data() + color, 3, to);
      } else {
        to = std::fill_n(to, 3, std::uint8_t{0});  // behind the palette's end
      }
      if (chunks_.has_alpha()) decoded.alpha.push_back(alpha_of(pixel));
    }
    return decoded;
  }

 private:
  ApngPixel& at(const ApngControl& place, std::size_t i) {
    return pixels_[(place.top + i / place.width) * width_ + place.left + i % place.width];
  }

  /// Keeps what takes the place of a frame once the next one comes.
  void leave(const ApngControl& control) {
    left_ = control;
    if (control.disposal == ApngControl::Disposal::kNone) return;
    behind_.assign(control.width * control.height, ApngPixel{});
    if (control.disposal != ApngControl::Disposal::kPrevious) return;
    for (std::size_t i = 0; i < behind_.size(); ++i) behind_[i] = at(control, i);
  }

  void put_back() {
    if (left_.disposal == ApngControl::Disposal::kNone) return;
    for (std::size_t i = 0; i < behind_.size(); ++i) at(left_, i) = behind_[i];
  }

  std::uint8_t alpha_of(const ApngPixel& pixel) const {
    if (chunks_.color_type >= 4 || chunks_.color_type == kIndexedColors)
      return static_cast<std::uint8_t>(weight_of(chunks_, pixel));
    // One colour or grey that is transparent, wherever it is from; in two bytes each.
    const Bytes key = chunks_.transparency;
    const std::size_t num_values = chunks_.color_type == 0 ? 1 : 3;
    if (chunks_.bit_depth != 8 || key.size() < 2 * num_values) return 255;
    for (std::size_t c = 0; c < num_values; ++c) {
      if (read_u16_be(key, 2 * c) != pixel[c]) return 255;
    }
    return 0;
  }

  const PngChunks& chunks_;
  const DecodeOptions& options_;
  std::size_t width_;
  std::vector<ApngPixel> pixels_;
  ApngControl left_;
  std::vector<ApngPixel> behind_;
};

}  // namespace

DecodedImage decode_apng_page(const PngChunks& chunks, const DecodeOptions& options) {
  const auto page = static_cast<std::size_t>(options.page);
  const std::size_t default_pages = chunks.has_default_picture ? 1 : 0;
  const std::size_t num_pages =
      chunks.has_animation() ? std::min<std::size_t>(chunks.num_frames, chunks.frames.size()) + default_pages
                             : 1;
  if (page > num_pages)
    throw_no_page(kPng, static_cast<std::int64_t>(std::max<std::size_t>(num_pages, 1)), options);
  if (chunks.bit_depth == 16 && chunks.color_type == 0)
    throw Error(
        ErrorKind::kUnsupportedFormat,
        "the PNG picture is an animation in grey of 16 bits, of which the first page alone is read here");
  check_sequence(chunks, page - default_pages);
  PageWork work(kPng, options);
  work.add(chunks.width * chunks.height);
  ApngCanvas canvas(chunks, options);
  if (default_pages == 0) canvas.dispose_of_first(read_control(chunks, chunks.frames[0]));
  for (std::size_t i = 1 - default_pages; i < page - default_pages; ++i) {
    const ApngControl control = read_control(chunks, chunks.frames[i]);
    work.add(static_cast<std::int64_t>(control.width * control.height));
    canvas.add(control, chunks.frames[i]);
  }
  return canvas.picture();
}

}  // namespace clipcls
