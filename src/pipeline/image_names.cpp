#include "image_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace clipcls {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 18> kImageEndings = {"jpg", "jpeg", "jpe", "jfif", "png", "webp",
                                                            "gif", "bmp",  "dib", "pbm",  "pgm", "ppm",
                                                            "pnm", "psd",  "hdr", "tga",  "icb", "vst"};
constexpr std::array<std::string_view, 20> kOtherImageEndings = {
    "heic", "heif", "hif", "avif", "tif", "tiff", "jxl", "jp2", "svg", "cr2",
    "cr3",  "nef",  "arw", "dng",  "orf", "rw2",  "raf", "pef", "ico", "apng"};

bool has_ending(std::string_view name, Words endings) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  std::string ending(name.substr(dot + 1));
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace

bool is_image_name(std::string_view name) { return has_ending(name, kImageEndings); }

bool is_name_of_other_image(std::string_view name) { return has_ending(name, kOtherImageEndings); }

}  // namespace clipcls
