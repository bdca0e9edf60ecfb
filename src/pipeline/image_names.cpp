#include "image_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace clipcls {
namespace {

using Words = std::span<const std::string_view>;

constexpr auto kImageEndings = std::to_array<std::string_view>(
    {"jpg", "jpeg", "jpe", "jfif", "jif",  "pjpeg", "pjp",  "mpo",  "jps",   "insp", "png", "apng", "webp",
     "tif", "tiff", "gif", "bmp",  "dib",  "pbm",   "pgm",  "ppm",  "pnm",   "psd",  "hdr", "tga",  "icb",
     "vda", "vst",  "ico", "cur",  "heic", "heif",  "hif",  "avif", "avifs", "jxl",  "jp2", "j2k",  "jpx",
     "j2c", "jpc",  "jpf", "qoi",  "sgi",  "rgb",   "rgba", "bw",   "dds",   "pcx",  "dcx"});
// Raw files of these formats are shown by the JPEG inside.
constexpr auto kRawEndings = std::to_array<std::string_view>(
    {"dng", "nef", "nrw", "cr2", "cr3", "arw", "pef", "srw", "orf", "rw2", "raf"});
// What a camera or a developer makes of a raw file and puts beside it.
constexpr auto kDevelopedEndings =
    std::to_array<std::string_view>({"jpg", "jpeg", "jpe", "jfif", "heic", "heif", "hif"});
// The cameras' other raw formats are the last rows.
constexpr auto kOtherImageEndings = std::to_array<std::string_view>(
    {"svg", "3fr", "ari", "crw", "dcr", "erf", "fff", "gpr", "iiq", "k25", "kdc",
     "mdc", "mef", "mos", "mrw", "ptx", "raw", "rwl", "rwz", "sr2", "srf", "x3f"});

bool has_ending(std::string_view name, Words endings) {
  const std::size_t dot = name.rfind('.');
  // A leading dot hides a file: ".jpg" is a name without an ending.
  if (dot == std::string_view::npos || dot == 0) return false;
  std::string ending(name.substr(dot + 1));
  // ASCII alone, so that the locale does not decide which files are images.
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace

bool is_image_name(std::string_view name) { return has_ending(name, kImageEndings) || is_raw_name(name); }

bool is_raw_name(std::string_view name) { return has_ending(name, kRawEndings); }

bool is_developed_name(std::string_view name) { return has_ending(name, kDevelopedEndings); }

bool is_name_of_other_image(std::string_view name) { return has_ending(name, kOtherImageEndings); }

}  // namespace clipcls
