// The only file that sees libwebp.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "alpha.h"
#include "decoders.h"
#include "exif.h"

namespace clipcls {
namespace {

constexpr std::string_view kWebp = "WebP";

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

struct FrameIterator : WebPIterator {
  FrameIterator() : WebPIterator{} {}
  ~FrameIterator() { WebPDemuxReleaseIterator(this); }
  FrameIterator(const FrameIterator&) = delete;
  FrameIterator& operator=(const FrameIterator&) = delete;
};

struct ChunkIterator : WebPChunkIterator {
  ChunkIterator() : WebPChunkIterator{} {}
  ~ChunkIterator() { WebPDemuxReleaseChunkIterator(this); }
  ChunkIterator(const ChunkIterator&) = delete;
  ChunkIterator& operator=(const ChunkIterator&) = delete;

  Bytes find(const WebPDemuxer* demuxer, const char* name) {
    if (WebPDemuxGetChunk(demuxer, name, 1, this) == 0) return {};
    return {chunk.bytes, chunk.size};
  }
};

std::size_t first_pixel(const WebPIterator& frame, const RgbImage& image) {
  return static_cast<std::size_t>(frame.y_offset) * static_cast<std::size_t>(image.width) +
         static_cast<std::size_t>(frame.x_offset);
}

[[noreturn]] void throw_damaged() { throw_broken(kWebp, "its data is damaged or ends early"); }

void decode_frame(const WebPIterator& frame, RgbImage& image) {
  const std::size_t start = first_pixel(frame, image) * 3;
  if (WebPDecodeRGBInto(frame.fragment.bytes, frame.fragment.size, image.pixels.data() + start,
                        image.pixels.size() - start, image.width * 3) == nullptr)
    throw_damaged();
}

void decode_alpha_frame(const WebPIterator& frame, DecodedImage& decoded) {
  const auto num_columns = static_cast<std::size_t>(frame.width);
  std::vector<std::uint8_t> rgba(num_columns * static_cast<std::size_t>(frame.height) * 4);
  if (WebPDecodeRGBAInto(frame.fragment.bytes, frame.fragment.size, rgba.data(), rgba.size(),
                         frame.width * 4) == nullptr)
    throw_damaged();
  RgbImage& image = decoded.image;
  decoded.alpha.resize(image.pixels.size() / 3);
  const std::uint8_t* from = rgba.data();
  for (int row = 0; row < frame.height; ++row) {
    std::size_t pixel =
        first_pixel(frame, image) + static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width);
    for (std::size_t end = pixel + num_columns; pixel < end; ++pixel, from += 4) {
      std::copy_n(from, 3, image.pixels.data() + pixel * 3);
      decoded.alpha[pixel] = from[3];
    }
  }
}

struct DeleteAnimation {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

/// The frames up to options.page, one over the other, by libwebp's own decoder of animations.
void decode_page(const WebPData& data, const WebPDemuxer* demuxer, const DecodeOptions& options,
                 DecodedImage& decoded) {
  const std::int64_t num_pages = WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT);
  if (options.page > num_pages) throw_no_page(kWebp, num_pages, options);
  // It goes over the whole canvas for each frame.
  const std::int64_t num_pixels = std::int64_t{decoded.image.width} * decoded.image.height;
  PageWork work(kWebp, options);
  const std::unique_ptr<WebPAnimDecoder, DeleteAnimation> decoder(WebPAnimDecoderNew(&data, nullptr));
  if (!decoder) throw_damaged();
  std::uint8_t* rgba = nullptr;
  for (int page = 1; page <= options.page; ++page) {
    int timestamp = 0;
    work.add(num_pixels);
    if (WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp) == 0) throw_damaged();
  }
  take_rgba(rgba, static_cast<std::size_t>(decoded.image.width) * 4, decoded);
}

}  // namespace

DecodedImage decode_webp(Bytes bytes, const DecodeOptions& options) {
  // The bare header is looked at first: a file that ends early should still be told that it is too large.
  int width = 0;
  int height = 0;
  if (WebPGetInfo(bytes.data(), bytes.size(), &width, &height) != 0)
    check_size(kWebp, width, height, options);

  const WebPData data = {bytes.data(), bytes.size()};
  // The demuxer finds the first frame of an animation, and the chunks of metadata; the decoder knows
  // neither.
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemux(&data));
  if (!demuxer) throw_broken(kWebp, "it ends early or its chunks do not fit together");
  width = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH));
  height = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT));
  check_size(kWebp, width, height, options);

  ChunkIterator exif;
  ChunkIterator xmp;
  FrameIterator frame;
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) throw_broken(kWebp, "it has no frame");
  // The frame is decoded straight into the canvas at its offset, so a frame that sticks out would write
  // outside of the pixels.
  if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width > width - frame.x_offset ||
      frame.height > height - frame.y_offset) {
    throw_broken(kWebp, "its first frame lies outside of the picture");
  }

  DecodedImage decoded;
  decoded.orientation = read_orientation(exif.find(demuxer.get(), "EXIF"), xmp.find(demuxer.get(), "XMP "));
  // What the first frame of an animation leaves uncovered is transparent black, so black once alpha is
  // dropped.
  decoded.image = RgbImage(width, height);
  const bool has_alpha = (WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ALPHA_FLAG) != 0;
  if (options.page > 1) {
    decode_page(data, demuxer.get(), options, decoded);
    if (!has_alpha) decoded.alpha.clear();
  } else if (has_alpha) {
    decode_alpha_frame(frame, decoded);
  } else {
    decode_frame(frame, decoded.image);
  }
  return decoded;
}

LibraryState webp_library() {
  const int version = WebPGetDecoderVersion();
  return {std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 255) + "." +
              std::to_string(version & 255),
          "", ""};
}

}  // namespace clipcls
