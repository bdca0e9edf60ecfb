// The only file that sees lcms2, whose tables and interpolation decide each byte: Pillow takes the same
// calls.
#include "lab_colors.h"

#include <lcms2.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "base/shared_library.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

/// The functions of lcms2 that are used here.
struct LibLcms {
  SharedLibrary library{CLIPCLS_LCMS_SONAME, CLIPCLS_LCMS_PACKAGE, "reading pictures in Lab colours",
                        ErrorKind::kUnsupportedFormat};
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared takes none
#define CLIPCLS_LCMS_FUNCTION(name) decltype(&::name) name = library.symbol<decltype(&::name)>(#name)
  CLIPCLS_LCMS_FUNCTION(cmsCreateLab2Profile);
  CLIPCLS_LCMS_FUNCTION(cmsCreate_sRGBProfile);
  CLIPCLS_LCMS_FUNCTION(cmsCloseProfile);
  CLIPCLS_LCMS_FUNCTION(cmsCreateTransform);
  CLIPCLS_LCMS_FUNCTION(cmsDeleteTransform);
  CLIPCLS_LCMS_FUNCTION(cmsDoTransform);
#undef CLIPCLS_LCMS_FUNCTION
};

struct OpenedLcms {
  std::optional<LibLcms> library;
  std::string problem;  ///< why there is none

  OpenedLcms() {
    try {
      library.emplace();
    } catch (const Error& error) {
      problem = error.what();
    }
  }
};

/// Tried once, also where it is missing: a process without rights would find another reason, that it may not
/// look.
const OpenedLcms& opened_lcms() {
  static const OpenedLcms opened;
  return opened;
}

}  // namespace

void open_lab_library() { opened_lcms(); }

void lab_to_rgb(std::uint8_t* pixels, std::size_t num_pixels) {
  const OpenedLcms& opened = opened_lcms();
  if (!opened.library) throw Error(ErrorKind::kUnsupportedFormat, opened.problem);
  const LibLcms& lib = *opened.library;
  const auto close = [&](void* profile) { lib.cmsCloseProfile(profile); };
  const std::unique_ptr<void, decltype(close)> lab(lib.cmsCreateLab2Profile(nullptr), close);
  const std::unique_ptr<void, decltype(close)> srgb(lib.cmsCreate_sRGBProfile(), close);
  if (!lab || !srgb) throw std::bad_alloc();
  constexpr cmsUInt32Number kLabBytes = COLORSPACE_SH(PT_LabV2) | CHANNELS_SH(3) | BYTES_SH(1);
  const auto end = [&](void* transform) { lib.cmsDeleteTransform(transform); };
  const std::unique_ptr<void, decltype(end)> transform(
      lib.cmsCreateTransform(lab.get(), kLabBytes, srgb.get(), TYPE_RGB_8, INTENT_PERCEPTUAL, 0), end);
  if (!transform) throw std::bad_alloc();
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  for (std::size_t done = 0; done < num_pixels;) {
    const std::size_t count = std::min(num_pixels - done, kMost);
    lib.cmsDoTransform(transform.get(), pixels + 3 * done, pixels + 3 * done,
                       static_cast<cmsUInt32Number>(count));
    done += count;
  }
}

}  // namespace clipcls
