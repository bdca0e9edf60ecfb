#include "clipcls/image.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "clipcls/error.h"
#include "image/decode_sandbox.h"
#include "interface/image_impl.h"
#include "pipeline/image_source.h"

namespace clipcls {

namespace {

std::atomic<bool> is_sandbox_used = false;

}  // namespace

void use_decode_sandbox(const std::filesystem::path& program) {
  require_decode_program(program);
  is_sandbox_used = true;
}

Image::Image(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Image Image::read(const std::filesystem::path& file, const ImageOptions& options) {
  try {
    return decode(read_image_bytes({file.string()}), options);
  } catch (const Error& error) {
    throw Error(error.kind(), (file.empty() ? "an empty name" : file.string()) + ": " + error.what());
  }
}

Image Image::decode(std::span<const std::uint8_t> bytes, const ImageOptions& options) {
  try {
    RgbImage rgb = decode_image(bytes, decode_options(options));
    rgb.pixels.own();
    return Image(std::make_shared<const Impl>(Impl{std::move(rgb)}));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::kTooLarge, "takes more memory than there is; lower `max_megapixels`");
  }
}

Image Image::from_rgb(std::span<const std::uint8_t> pixels, int width, int height, std::size_t row_bytes) {
  const auto fail = [](const std::string& problem) { throw Error(ErrorKind::kInvalidArgument, problem); };
  if (width < 1 || height < 1)
    fail("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
         " pixels: it needs one at least");
  const std::size_t row = 3 * static_cast<std::size_t>(width);
  if (row_bytes == 0) row_bytes = row;
  if (row_bytes < row)
    fail("`row_bytes` is " + std::to_string(row_bytes) + ", and a row of pixels has " + std::to_string(row));
  // The last row may end where its pixels do. Divided, for the product may be larger than any number.
  if (pixels.size() < row || (pixels.size() - row) / row_bytes < static_cast<std::size_t>(height - 1))
    fail("`pixels` has " + std::to_string(pixels.size()) + " bytes, too few for " + std::to_string(height) +
         " rows of " + std::to_string(row) + " that begin " + std::to_string(row_bytes) + " apart");
  RgbImage rgb(width, height);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y)
    std::ranges::copy(pixels.subspan(y * row_bytes, row),
                      rgb.pixels.begin() + static_cast<std::ptrdiff_t>(y * row));
  return Image(std::make_shared<const Impl>(Impl{std::move(rgb)}));
}

int Image::width() const { return impl_ ? impl_->rgb.width : 0; }

int Image::height() const { return impl_ ? impl_->rgb.height : 0; }

std::span<const std::uint8_t> Image::rgb() const {
  return impl_ ? std::span<const std::uint8_t>(impl_->rgb.pixels) : std::span<const std::uint8_t>();
}

DecodeOptions decode_options(const ImageOptions& options) {
  if (!(options.max_megapixels > 0))
    throw Error(ErrorKind::kInvalidArgument, "`max_megapixels` is " + std::to_string(options.max_megapixels) +
                                                 ", and must be a number above 0");
  if (options.page < 1)
    throw Error(ErrorKind::kInvalidArgument,
                "`page` is " + std::to_string(options.page) + ", and must be a number from 1 on");
  DecodeOptions decode;
  decode.apply_exif_rotation = options.apply_exif_rotation;
  decode.max_megapixels = options.max_megapixels;
  decode.background = options.background;
  switch (options.deep_gray) {
    case ImageOptions::DeepGray::kScale:
      decode.deep_gray = DeepGray::kScale;
      break;
    case ImageOptions::DeepGray::kStretch:
      decode.deep_gray = DeepGray::kStretch;
      break;
    case ImageOptions::DeepGray::kClip:
      decode.deep_gray = DeepGray::kClip;
      break;
  }
  decode.accepts_truncated = options.accepts_truncated;
  decode.page = options.page;
  if (is_sandbox_used) decode.sandbox = DecodeSandbox::kAll;
  return decode;
}

const RgbImage& pixels_of(const Image& image) {
  if (!image.impl()) throw Error(ErrorKind::kInvalidArgument, "the picture has no pixels");
  return image.impl()->rgb;
}

}  // namespace clipcls
