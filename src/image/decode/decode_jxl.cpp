// The only file that sees libjxl.
#include <jxl/decode.h>

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "alpha.h"
#include "base/quiet_thread.h"
#include "opened_library.h"

namespace clipcls {
namespace {

constexpr std::string_view kJxl = "JPEG XL";

/// The functions of libjxl that are used here.
struct LibJxl {
  SharedLibrary library{CLIPCLS_JXL_SONAME, CLIPCLS_JXL_PACKAGE, "reading JPEG XL pictures",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_JXL_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_JXL_FUNCTION(JxlDecoderVersion);
  CLIPCLS_JXL_FUNCTION(JxlDecoderCreate);
  CLIPCLS_JXL_FUNCTION(JxlDecoderDestroy);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSubscribeEvents);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSetUnpremultiplyAlpha);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSetInput);
  CLIPCLS_JXL_FUNCTION(JxlDecoderCloseInput);
  CLIPCLS_JXL_FUNCTION(JxlDecoderProcessInput);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSkipFrames);
  CLIPCLS_JXL_FUNCTION(JxlDecoderGetBasicInfo);
  CLIPCLS_JXL_FUNCTION(JxlDecoderGetExtraChannelInfo);
  CLIPCLS_JXL_FUNCTION(JxlDecoderGetColorAsEncodedProfile);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSetPreferredColorProfile);
  CLIPCLS_JXL_FUNCTION(JxlDecoderImageOutBufferSize);
  CLIPCLS_JXL_FUNCTION(JxlDecoderSetImageOutBuffer);
#undef CLIPCLS_JXL_FUNCTION
};

/// Memory for libjxl up to a limit. Versions after 0.7 ask here for the pictures inside a picture, too, whose
/// size nothing else bounds.
class BoundedMemory {
 public:
  JxlMemoryManager manager() { return {this, allocate, release}; }
  void allow_pixels(std::uint64_t count) { limit_ = kTables + count * kBytesAPixel; }
  bool is_exhausted() const { return is_exhausted_; }

 private:
  static constexpr std::size_t kTables = 256U << 20;
  // Three colours and alpha as floating point numbers, some of them several times.
  static constexpr std::size_t kBytesAPixel = 64;

  static void* allocate(void* self, std::size_t size) {
    auto& memory = *static_cast<BoundedMemory*>(self);
    if (size > memory.limit_ - std::min(memory.used_, memory.limit_)) {
      memory.is_exhausted_ = true;
      return nullptr;
    }
    void* address = std::malloc(size);
    if (address != nullptr) memory.used_ += malloc_usable_size(address);
    return address;
  }
  static void release(void* self, void* address) {
    static_cast<BoundedMemory*>(self)->used_ -= malloc_usable_size(address);
    std::free(address);
  }

  std::size_t limit_ = kTables;
  std::size_t used_ = 0;
  bool is_exhausted_ = false;
};

class JxlReader {
 public:
  JxlReader(const LibJxl& lib, Bytes bytes, const DecodeOptions& options)
      : lib_(lib),
        options_(options),
        manager_(memory_.manager()),
        decoder_(lib.JxlDecoderCreate(&manager_), lib.JxlDecoderDestroy) {
    if (!decoder_) throw std::bad_alloc();
    lib.JxlDecoderSetUnpremultiplyAlpha(decoder_.get(), JXL_TRUE);
    lib.JxlDecoderSetInput(decoder_.get(), bytes.data(), bytes.size());
    lib.JxlDecoderCloseInput(decoder_.get());
  }

  /// How many frames there are, options.page at most.
  int count_frames() {
    lib_.JxlDecoderSubscribeEvents(decoder_.get(), JXL_DEC_FRAME);
    int count = 0;
    while (count < options_.page && lib_.JxlDecoderProcessInput(decoder_.get()) == JXL_DEC_FRAME) ++count;
    return count;
  }

  /// The frame of options.page, which libjxl lays over those before it.
  DecodedImage read() {
    lib_.JxlDecoderSubscribeEvents(decoder_.get(),
                                   JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FULL_IMAGE);
    lib_.JxlDecoderSkipFrames(decoder_.get(), static_cast<std::size_t>(options_.page - 1));
    // Each comes once, in this order; whatever else there is, is an end.
    require(JXL_DEC_BASIC_INFO);
    read_info();
    require(JXL_DEC_COLOR_ENCODING);
    choose_colors();
    require(JXL_DEC_NEED_IMAGE_OUT_BUFFER);
    set_output();
    require(JXL_DEC_FULL_IMAGE);
    if (format_.num_channels == 4)
      take_rgba(rgba_.data(), static_cast<std::size_t>(decoded_.image.width) * 4, decoded_);
    return std::move(decoded_);
  }

 private:
  void require(JxlDecoderStatus expected) {
    const JxlDecoderStatus status = lib_.JxlDecoderProcessInput(decoder_.get());
    if (status == expected) return;
    if (memory_.is_exhausted()) throw std::bad_alloc();
    throw_broken(kJxl, status == JXL_DEC_NEED_MORE_INPUT ? kFileEndsEarly : "its data is damaged");
  }

  void read_info() {
    JxlBasicInfo info;
    if (lib_.JxlDecoderGetBasicInfo(decoder_.get(), &info) != JXL_DEC_SUCCESS)
      throw_broken(kJxl, "its header is damaged");
    check_size(kJxl, info.xsize, info.ysize, options_);
    memory_.allow_pixels(std::uint64_t{info.xsize} * info.ysize);
    PageWork work(kJxl, options_);
    for (int page = 1; page <= options_.page; ++page) work.add(std::int64_t{info.xsize} * info.ysize);
    // Depth, heat, a mask or two. Each costs as much memory as a colour.
    constexpr std::uint32_t kMaxExtraChannels = 16;
    bool is_printed = info.num_extra_channels > kMaxExtraChannels;
    for (std::uint32_t i = 0; i < info.num_extra_channels && !is_printed; ++i) {
      JxlExtraChannelInfo channel;
      is_printed = lib_.JxlDecoderGetExtraChannelInfo(decoder_.get(), i, &channel) == JXL_DEC_SUCCESS &&
                   channel.type == JXL_CHANNEL_BLACK;
    }
    if (is_printed)
      throw Error(
          ErrorKind::kUnsupportedFormat,
          "the JPEG XL picture is of a kind that is not read here: CMYK, or more than 16 extra channels");
    format_.num_channels = info.alpha_bits > 0 ? 4 : 3;
    has_own_colors_ = info.uses_original_profile == JXL_TRUE;
    is_gray_ = info.num_color_channels == 1;
    decoded_.image = RgbImage(static_cast<int>(info.xsize), static_cast<int>(info.ysize));
  }

  /// Colours that the file keeps in libjxl's own space, and whose profile libjxl has no name for, would come
  /// as linear light: nearly black.
  void choose_colors() {
    if (has_own_colors_) return;
    JxlColorEncoding named;
#if JPEGXL_NUMERIC_VERSION >= JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
    const JxlDecoderStatus status =
        lib_.JxlDecoderGetColorAsEncodedProfile(decoder_.get(), JXL_COLOR_PROFILE_TARGET_ORIGINAL, &named);
#else
    const JxlDecoderStatus status = lib_.JxlDecoderGetColorAsEncodedProfile(
        decoder_.get(), nullptr, JXL_COLOR_PROFILE_TARGET_ORIGINAL, &named);
#endif
    if (status == JXL_DEC_SUCCESS) return;
    JxlColorEncoding srgb = {};
    srgb.color_space = is_gray_ ? JXL_COLOR_SPACE_GRAY : JXL_COLOR_SPACE_RGB;
    srgb.white_point = JXL_WHITE_POINT_D65;
    srgb.primaries = JXL_PRIMARIES_SRGB;
    srgb.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    srgb.rendering_intent = JXL_RENDERING_INTENT_RELATIVE;
    lib_.JxlDecoderSetPreferredColorProfile(decoder_.get(), &srgb);
  }

  void set_output() {
    const std::size_t num_bytes = decoded_.image.pixels.size() / 3 * format_.num_channels;
    if (format_.num_channels == 4) rgba_.resize(num_bytes);
    std::uint8_t* const pixels = format_.num_channels == 4 ? rgba_.data() : decoded_.image.pixels.data();
    std::size_t size = 0;
    if (lib_.JxlDecoderImageOutBufferSize(decoder_.get(), &format_, &size) != JXL_DEC_SUCCESS ||
        size != num_bytes ||
        lib_.JxlDecoderSetImageOutBuffer(decoder_.get(), &format_, pixels, size) != JXL_DEC_SUCCESS)
      throw_broken(kJxl, "its colours are of a kind that is not read here");
  }

  const LibJxl& lib_;
  const DecodeOptions& options_;
  BoundedMemory memory_;
  JxlMemoryManager manager_;
  std::unique_ptr<JxlDecoder, decltype(&::JxlDecoderDestroy)> decoder_;
  JxlPixelFormat format_ = {3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  DecodedImage decoded_;
  bool has_own_colors_ = true;
  bool is_gray_ = false;
  std::vector<std::uint8_t> rgba_;
};

}  // namespace

bool is_jxl(Bytes bytes) {
  using namespace std::string_view_literals;
  // A bare codestream, and one in boxes.
  return starts_with(bytes, "\xFF\x0A"sv) || starts_with(bytes, "\0\0\0\x0CJXL \r\n\x87\n"sv);
}

DecodedImage decode_jxl(Bytes bytes, const DecodeOptions& options) {
  const auto& lib = opened_library<LibJxl>();
  DecodedImage decoded;
  // Debian's libjxl says on standard error where it finds damage.
  run_quietly([&] {
    if (options.page > 1) {
      const int num_pages = JxlReader(lib, bytes, options).count_frames();
      if (num_pages > 0 && num_pages < options.page) throw_no_page(kJxl, num_pages, options);
    }
    decoded = JxlReader(lib, bytes, options).read();
  });
  // It has turned the picture itself: its orientation is the format's own.
  return decoded;
}

LibraryState jxl_library() {
  return state_of_library<LibJxl>(CLIPCLS_JXL_PACKAGE, [](const LibJxl& lib) {
    const std::uint32_t version = lib.JxlDecoderVersion();
    return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
           std::to_string(version % 1000);
  });
}

}  // namespace clipcls
