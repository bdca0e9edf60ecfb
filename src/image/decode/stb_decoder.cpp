// The only file that sees stb_image.
#include "stb_decoder.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

namespace {
// stb's assertions guard its own invariants; should a hostile file break one, that is an error, not an abort.
// (What stb had allocated is lost then.)
struct StbAssertion {};

// stb does not always tell memory that it was not given from a broken file.
thread_local bool has_run_out_of_memory = false;

[[maybe_unused]] void* note_failure(void* memory) {
  if (memory == nullptr) has_run_out_of_memory = true;
  return memory;
}
}  // namespace

#ifndef __clang_analyzer__  // stb's own code is not for our linter
#define STB_IMAGE_IMPLEMENTATION
#endif
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_BMP
#define STBI_NO_GIF
#define STBI_NO_JPEG
#define STBI_NO_PIC
#define STBI_NO_PNM
#define STBI_NO_PSD
#define STBI_ASSERT(condition)              \
  do {                                      \
    if (!(condition)) throw StbAssertion{}; \
  } while (false)
#define STBI_MALLOC(size) note_failure(std::malloc(size))
#define STBI_REALLOC(memory, size) note_failure(std::realloc(memory, size))
#define STBI_FREE(memory) std::free(memory)
#define STBI_MAX_DIMENSIONS (1 << 20)  // kMaxSide, which check_size() reports first
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace clipcls {
namespace {

static_assert(STBI_MAX_DIMENSIONS == kMaxSide);

// Feeds stb from memory and notices when it wants more than there is. stb refills a small buffer of its own,
// at one fixed address and greedily, so a short refill is normal and only an empty one is too much; any other
// read is for bytes that it needs.
struct Reader {
  Bytes rest;
  const char* refill_buffer = nullptr;
  bool ends_early = false;

  static int read(void* user, char* to, int size) {
    auto& self = *static_cast<Reader*>(user);
    if (self.refill_buffer == nullptr) self.refill_buffer = to;
    const std::size_t count = std::min(static_cast<std::size_t>(std::max(size, 0)), self.rest.size());
    if (count == 0 ? size > 0 : to != self.refill_buffer && count < static_cast<std::size_t>(size)) {
      self.ends_early = true;
    }
    if (count > 0) std::memcpy(to, self.rest.data(), count);
    self.rest = self.rest.subspan(count);
    return static_cast<int>(count);
  }
  static void skip(void* user, int size) {
    auto& self = *static_cast<Reader*>(user);
    const std::size_t count = static_cast<std::size_t>(std::max(size, 0));
    if (count > self.rest.size()) self.ends_early = true;
    self.rest = self.rest.subspan(std::min(count, self.rest.size()));
  }
  static int at_end(void* user) { return static_cast<Reader*>(user)->rest.empty() ? 1 : 0; }
};

constexpr stbi_io_callbacks kCallbacks = {Reader::read, Reader::skip, Reader::at_end};

std::string failure_reason() {
  const char* reason = stbi_failure_reason();
  return reason != nullptr && *reason != '\0' ? reason : "it has no picture";
}

// Runs stb's `load` (stbi_load_from_callbacks or its 16-bit sister) and copies what it made to `picture`.
template <typename Picture, typename Load>
void run_stb(std::string_view format, Bytes bytes, int channels, Load load, Picture& picture) {
  struct Free {
    void operator()(void* pixels) const { stbi_image_free(pixels); }
  };
  Reader reader{bytes};
  int width = 0;
  int height = 0;
  int channels_in_file = 0;
  has_run_out_of_memory = false;
  try {
    auto* pixels = load(&kCallbacks, &reader, &width, &height, &channels_in_file, channels);
    const std::unique_ptr<std::remove_pointer_t<decltype(pixels)>, Free> owner(pixels);
    // The order of the three counts: no memory is not the file's fault, and a file that ends early often has
    // stb complain of something else.
    if (pixels == nullptr && has_run_out_of_memory) throw std::bad_alloc();
    if (reader.ends_early) throw_broken(format, "the file ends before the picture does");
    if (pixels == nullptr) throw_broken(format, failure_reason());
    const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                              static_cast<std::size_t>(channels);
    picture.width = width;
    picture.height = height;
    picture.pixels.assign(pixels, pixels + count);
  } catch (const StbAssertion&) {
    throw_broken(format, "its parts contradict each other");
  }
}

}  // namespace

bool stb_recognises(Bytes bytes) {
  int width = 0;
  int height = 0;
  int channels = 0;
  return bytes.size() <= static_cast<std::size_t>(INT_MAX) &&
         stbi_info_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height, &channels) != 0;
}

void check_stb_header(std::string_view format, Bytes bytes, const DecodeOptions& options) {
  int width = 0;
  int height = 0;
  int channels = 0;
  if (bytes.size() > static_cast<std::size_t>(INT_MAX)) throw_broken(format, "the file has more than 2 GiB");
  if (stbi_info_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height, &channels) == 0) {
    // stb's own words here are those of the last format that it tried.
    throw_broken(format, "its header is damaged or of a kind that is not read here");
  }
  // BMP has a negative height where its rows go from top to bottom.
  check_size(format, width, std::abs(std::int64_t{height}), options);
}

RgbImage decode_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options) {
  check_stb_header(format, bytes, options);
  RgbImage image;
  run_stb(format, bytes, 3, stbi_load_from_callbacks, image);
  return image;
}

DecodedImage decode_alpha_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options) {
  check_stb_header(format, bytes, options);
  struct {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;  // [height, width, 4]
  } rgba;
  run_stb(format, bytes, 4, stbi_load_from_callbacks, rgba);
  DecodedImage decoded{RgbImage(rgba.width, rgba.height)};
  decoded.alpha.resize(rgba.pixels.size() / 4);
  for (std::size_t i = 0; i < decoded.alpha.size(); ++i) {
    std::copy_n(rgba.pixels.data() + i * 4, 3, decoded.image.pixels.data() + i * 3);
    decoded.alpha[i] = rgba.pixels[i * 4 + 3];
  }
  return decoded;
}

Gray16Image decode_gray16_with_stb(std::string_view format, Bytes bytes, const DecodeOptions& options) {
  check_stb_header(format, bytes, options);
  Gray16Image image;
  run_stb(format, bytes, 1, stbi_load_16_from_callbacks, image);
  return image;
}

}  // namespace clipcls
