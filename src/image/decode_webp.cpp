// The only file that sees libwebp.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

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

}  // namespace

DecodedImage decode_webp(Bytes bytes, const DecodeOptions& options) {
  // The bare header is looked at first: a file that ends early should still be told that it is too large.
  int width = 0;
  int height = 0;
  if (WebPGetInfo(bytes.data(), bytes.size(), &width, &height) != 0)
    check_size(kWebp, width, height, options);

  const WebPData data = {bytes.data(), bytes.size()};
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemux(&data));
  if (!demuxer) throw_broken(kWebp, "it ends early or its chunks do not fit together");
  width = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH));
  height = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT));
  check_size(kWebp, width, height, options);

  ChunkIterator exif;
  ChunkIterator xmp;
  FrameIterator frame;
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) throw_broken(kWebp, "it has no frame");
  if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width > width - frame.x_offset ||
      frame.height > height - frame.y_offset) {
    throw_broken(kWebp, "its first frame lies outside of the picture");
  }

  DecodedImage decoded;
  decoded.orientation = read_orientation(exif.find(demuxer.get(), "EXIF"), xmp.find(demuxer.get(), "XMP "));
  // What the first frame of an animation leaves uncovered is transparent black, so black once alpha is
  // dropped.
  decoded.image = Image(width, height);
  const std::size_t stride = static_cast<std::size_t>(width) * 3;
  const std::size_t start =
      static_cast<std::size_t>(frame.y_offset) * stride + static_cast<std::size_t>(frame.x_offset) * 3;
  if (WebPDecodeRGBInto(frame.fragment.bytes, frame.fragment.size, decoded.image.pixels.data() + start,
                        decoded.image.pixels.size() - start, static_cast<int>(stride)) == nullptr) {
    throw_broken(kWebp, "its data is damaged or ends early");
  }
  return decoded;
}

}  // namespace clipcls
