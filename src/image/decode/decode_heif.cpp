// The only file that sees libheif.
#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include "alpha.h"
#include "base/quiet_thread.h"
#include "hevc_size.h"
#include "media_box.h"
#include "opened_library.h"

namespace clipcls {
namespace {

constexpr std::string_view kHeif = "HEIC";

/// The functions of libheif that are used here.
struct LibHeif {
  SharedLibrary library{CLIPCLS_HEIF_SONAME, CLIPCLS_HEIF_PACKAGE, "reading HEIC pictures",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_HEIF_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_HEIF_FUNCTION(heif_init);
  CLIPCLS_HEIF_FUNCTION(heif_get_version);
  CLIPCLS_HEIF_FUNCTION(heif_context_alloc);
  CLIPCLS_HEIF_FUNCTION(heif_context_free);
  CLIPCLS_HEIF_FUNCTION(heif_context_set_max_decoding_threads);
  CLIPCLS_HEIF_FUNCTION(heif_context_set_maximum_image_size_limit);
  CLIPCLS_HEIF_FUNCTION(heif_context_read_from_memory_without_copy);
  CLIPCLS_HEIF_FUNCTION(heif_context_get_primary_image_ID);
  CLIPCLS_HEIF_FUNCTION(heif_context_get_number_of_top_level_images);
  CLIPCLS_HEIF_FUNCTION(heif_context_get_list_of_top_level_image_IDs);
  CLIPCLS_HEIF_FUNCTION(heif_context_get_image_handle);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_release);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_get_width);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_get_height);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_get_ispe_width);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_get_ispe_height);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_has_alpha_channel);
  CLIPCLS_HEIF_FUNCTION(heif_image_handle_is_premultiplied_alpha);
  CLIPCLS_HEIF_FUNCTION(heif_decoding_options_alloc);
  CLIPCLS_HEIF_FUNCTION(heif_decoding_options_free);
  CLIPCLS_HEIF_FUNCTION(heif_decode_image);
  CLIPCLS_HEIF_FUNCTION(heif_image_release);
  CLIPCLS_HEIF_FUNCTION(heif_image_get_width);
  CLIPCLS_HEIF_FUNCTION(heif_image_get_height);
  CLIPCLS_HEIF_FUNCTION(heif_image_get_plane_readonly);
#undef CLIPCLS_HEIF_FUNCTION

  // Where decoders are files of their own (from libheif 1.16 on), this finds them.
  LibHeif() { heif_init(nullptr); }
};

template <typename Type, typename Free>
std::unique_ptr<Type, Free> owned(Type* pointer, Free free) {
  return {pointer, free};
}

// What libheif says of boxes and units means nothing to who wants a picture: of it the kind is kept.
void require_ok(const heif_error& error, const char* otherwise) {
  if (error.code == heif_error_Ok) return;
  if (error.code == heif_error_Memory_allocation_error) {
    if (error.subcode != heif_suberror_Security_limit_exceeded) throw std::bad_alloc();
    throw Error(ErrorKind::kTooLarge, "the HEIC picture asks for more memory than libheif takes");
  }
  if (error.subcode == heif_suberror_Unsupported_codec)
    throw Error(ErrorKind::kUnsupportedFormat,
                LIBHEIF_HAVE_VERSION(1, 16, 0)
                    ? "the HEIC picture is not coded as HEVC, or libheif has no decoder of that here (Debian "
                      "package libheif-plugin-libde265)"
                    : "the HEIC picture is not coded as HEVC, and others are not read here");
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
    throw Error(ErrorKind::kUnsupportedFormat, "the HEIC picture is of a kind that is not read here");
  throw_broken(kHeif, otherwise);
}

/// Whether a picture in the file is coded as AV1. libheif would decode it, with no limit that is set here.
bool has_av1_items(Bytes file) {
  bool is_found = false;
  visit_media_boxes(file, [&](const MediaBox& meta) {
    if (meta.type != "meta" || meta.content.size() < 4) return false;
    // A version first, in four bytes, as in each of these.
    visit_media_boxes(meta.content.subspan(4), [&](const MediaBox& list) {
      const std::size_t count_bytes = list.content.empty() || list.content[0] == 0 ? 2 : 4;
      if (list.type != "iinf" || list.content.size() < 4 + count_bytes) return false;
      visit_media_boxes(list.content.subspan(4 + count_bytes), [&](const MediaBox& item) {
        // A number of two bytes or four, two bytes more, the kind.
        const std::size_t kind_at = !item.content.empty() && item.content[0] == 3 ? 10 : 8;
        is_found = is_found || (item.type == "infe" && item.content.size() > kind_at &&
                                starts_with(item.content.subspan(kind_at), "av01"));
        return is_found;
      });
      return is_found;
    });
    return is_found;
  });
  return is_found;
}

/// The pictures inside, of which a large one consists, and the large one itself.
void check_coded_size(Bytes bytes, const DecodeOptions& options) {
  // They are as large as whole blocks of up to 64 pixels.
  constexpr std::int64_t kBlock = 64;
  const CodedSize size = largest_hevc_size(bytes);
  if (size.width > 0 && size.height > 0)
    check_size(kHeif, std::max<std::int64_t>(size.width - kBlock, 1),
               std::max<std::int64_t>(size.height - kBlock, 1), options);
}

DecodedImage copy_pixels(const LibHeif& lib, const heif_image* picture, bool has_alpha,
                         const DecodeOptions& options) {
  const int width = lib.heif_image_get_width(picture, heif_channel_interleaved);
  const int height = lib.heif_image_get_height(picture, heif_channel_interleaved);
  check_size(kHeif, width, height, options);
  int stride = 0;
  const std::uint8_t* from = lib.heif_image_get_plane_readonly(picture, heif_channel_interleaved, &stride);
  if (from == nullptr) throw_broken(kHeif, "it has no colours");
  DecodedImage decoded{RgbImage(width, height)};
  const auto row_bytes = static_cast<std::size_t>(stride);
  if (has_alpha) {
    take_rgba(from, row_bytes, decoded);
  } else {
    const std::size_t row = static_cast<std::size_t>(width) * 3;
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y)
      std::memcpy(decoded.image.pixels.data() + y * row, from + y * row_bytes, row);
  }
  return decoded;
}

/// libde265 decodes on a thread of its own, and waits for ever where the system gives none.
void require_thread() {
  // Those of other pictures may end soon.
  constexpr int kTries = 20;
  constexpr std::chrono::milliseconds kPause{50};
  for (int i = 1;; ++i) {
    try {
      std::thread([] {}).join();
      return;
    } catch (const std::system_error& error) {
      if (i == kTries)
        throw Error(ErrorKind::kUnreadable,
                    "no thread can be started that decodes the HEIC picture: " + error.code().message() +
                        "; raise the limit on processes (ulimit -u) or on memory (ulimit -v)");
      std::this_thread::sleep_for(kPause);
    }
  }
}

/// The main picture is the first page; then come the others, in the file's order.
heif_item_id find_picture(const LibHeif& lib, heif_context* context, const DecodeOptions& options) {
  heif_item_id main = 0;
  require_ok(lib.heif_context_get_primary_image_ID(context, &main), "it has no main picture");
  if (options.page == 1) return main;
  const int count = lib.heif_context_get_number_of_top_level_images(context);
  std::vector<heif_item_id> pages(static_cast<std::size_t>(std::max(count, 0)));
  lib.heif_context_get_list_of_top_level_image_IDs(context, pages.data(), count);
  std::erase(pages, main);
  pages.insert(pages.begin(), main);
  const auto page = static_cast<std::size_t>(options.page);
  if (page > pages.size()) throw_no_page(kHeif, static_cast<std::int64_t>(pages.size()), options);
  return pages[page - 1];
}

DecodedImage read_picture(const LibHeif& lib, Bytes bytes, const DecodeOptions& options) {
  const auto context = owned(lib.heif_context_alloc(), lib.heif_context_free);
  if (!context) throw std::bad_alloc();
  lib.heif_context_set_max_decoding_threads(context.get(), 0);  // a picture a thread already
  require_ok(
      lib.heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr),
      "its boxes are damaged or end early");
  heif_image_handle* found = nullptr;
  require_ok(
      lib.heif_context_get_image_handle(context.get(), find_picture(lib, context.get(), options), &found),
      "it has no such picture");
  const auto handle = owned(found, lib.heif_image_handle_release);
  // Cut and turned, and before that.
  const int width = lib.heif_image_handle_get_ispe_width(found);
  const int height = lib.heif_image_handle_get_ispe_height(found);
  check_size(kHeif, lib.heif_image_handle_get_width(found), lib.heif_image_handle_get_height(found), options);
  check_size(kHeif, width, height, options);
  // What a picture is composed of says once more how large it is: each side has to be less than this.
  lib.heif_context_set_maximum_image_size_limit(context.get(), std::max(width, height) + 1);

  const auto how = owned(lib.heif_decoding_options_alloc(), lib.heif_decoding_options_free);
  if (!how) throw std::bad_alloc();
  how->convert_hdr_to_8bit = 1;
  how->decoder_id = "libde265";  // the one whose memory check_coded_size() bounds
  const bool has_alpha = lib.heif_image_handle_has_alpha_channel(found) != 0;
  require_thread();
  heif_image* decoded_picture = nullptr;
  require_ok(lib.heif_decode_image(found, &decoded_picture, heif_colorspace_RGB,
                                   has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                                   how.get()),
             "its data is damaged or ends early");
  const auto picture = owned(decoded_picture, lib.heif_image_release);
  DecodedImage decoded = copy_pixels(lib, picture.get(), has_alpha, options);
  if (lib.heif_image_handle_is_premultiplied_alpha(found) != 0) undo_premultiplication(decoded);
  // The file's own turns are done: HEIF says that EXIF's orientation does not count beside them.
  return decoded;
}

constexpr auto kHeifBrands = std::to_array<std::string_view>(
    {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1"});

}  // namespace

bool is_heif(Bytes bytes) {
  const auto brands = media_brands(bytes);
  return !is_avif(bytes) && std::ranges::find_first_of(brands, kHeifBrands) != brands.end();
}

DecodedImage decode_heif(Bytes bytes, const DecodeOptions& options) {
  const auto& lib = opened_library<LibHeif>();
  if (has_av1_items(bytes))
    throw Error(ErrorKind::kUnsupportedFormat,
                "the HEIC file has a picture coded as AV1, which is read of AVIF files alone");
  check_coded_size(bytes, options);
  DecodedImage decoded;
  // libde265 says on standard error what it thinks of damaged data.
  run_quietly([&] { decoded = read_picture(lib, bytes, options); });
  return decoded;
}

LibraryState heif_library() {
  return state_of_library<LibHeif>(CLIPCLS_HEIF_PACKAGE,
                                   [](const LibHeif& lib) { return std::string(lib.heif_get_version()); });
}

}  // namespace clipcls
