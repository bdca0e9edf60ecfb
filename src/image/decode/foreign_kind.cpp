// Whoever hands over a film, a document or a page of the web that was saved as a picture is told which it is.
#include "foreign_kind.h"

#include <algorithm>
#include <array>
#include <string>

#include "media_box.h"

namespace clipcls {
namespace {

using namespace std::string_view_literals;

struct Sign {
  std::size_t at;
  std::string_view bytes;
  std::string_view kind;
};

constexpr auto kSigns = std::to_array<Sign>({
    {0, "%PDF-"sv, "a PDF document"},
    {0, "%!PS"sv, "a PostScript document"},
    {0, "\xC5\xD0\xD3\xC6"sv, "a PostScript document"},
    {0, "AT&TFORM"sv, "a DjVu document"},
    {0, "\x1A\x45\xDF\xA3"sv, "a Matroska or WebM video"},
    {8, "AVI LIST"sv, "an AVI video"},
    {0, "FLV\x01"sv, "a Flash video"},
    {0, "\0\0\1\xBA"sv, "an MPEG video"},
    {0, "\0\0\1\xB3"sv, "an MPEG video"},
    {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, "a Windows Media file"},
    {4, "moov"sv, "a QuickTime video"},
    {4, "mdat"sv, "a QuickTime video"},
    {4, "wide"sv, "a QuickTime video"},
    {0, "OggS"sv, "an Ogg file, of sound or video"},
    {8, "WAVEfmt "sv, "a WAV sound file"},
    {0, "fLaC"sv, "a FLAC sound file"},
    {0, "ID3"sv, "an MP3 sound file"},
    {0, "PK\x03\x04"sv, "a ZIP archive, or a document that is one"},
    {0, "\x1F\x8B\x08"sv, "a file packed with gzip"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "a file packed with xz"},
    {0, "BZh"sv, "a file packed with bzip2"},
    {0, "\x28\xB5\x2F\xFD"sv, "a file packed with zstd"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive"},
    {0, "Rar!\x1A\x07"sv, "a RAR archive"},
    {257, "ustar"sv, "a tar archive"},
    {128, "DICM"sv, "a DICOM file"},
    {0, "\x76\x2F\x31\x01"sv, "an OpenEXR picture"},
    {0, "gimp xcf"sv, "a GIMP picture (XCF)"},
    {0, "II\xBC\x01"sv, "a JPEG XR picture"},
    {0, "BPG\xFB"sv, "a BPG picture"},
    {0, "FLIF"sv, "a FLIF picture"},
    {0, "SIMPLE  ="sv, "a FITS picture"},
    {0, "icns"sv, "an icon file of macOS"},
    {0, "\xD7\xCD\xC6\x9A"sv, "a Windows metafile"},
    {40, " EMF"sv, "a Windows metafile"},
    {0, "\x59\xA6\x6A\x95"sv, "a Sun raster picture"},
    {0, "/* XPM */"sv, "an XPM picture"},
    {0, "\0\5\x16\7"sv, "a file of macOS beside the picture, not the picture"},
    {0, "version https://git-lfs"sv, "a pointer of Git LFS, in place of the file"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program"},
});

/// What an MP4 file and its relatives say of themselves; those that are pictures are read.
std::string_view kind_of_media(Bytes bytes) {
  const auto brands = media_brands(bytes);
  if (brands.empty()) return {};
  const std::string_view brand = brands.front();
  if (brand == "qt  ") return "a QuickTime video";
  if (brand == "M4A " || brand == "M4B ") return "an MPEG-4 sound file";
  if (brand.starts_with("3g")) return "a 3GP video";
  return "an MP4 video";
}

/// The words of a document of tags come first, or behind a declaration and comments.
std::string_view kind_of_markup(Bytes bytes) {
  constexpr std::size_t kSearched = 4096;
  std::string text(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kSearched));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t\r\n")));
  if (!rest.starts_with('<')) return {};
  const auto has = [&](std::string_view word) { return rest.find(word) != std::string_view::npos; };
  if (has("<html") || has("<!doctype html")) return "an HTML page";
  if (has("<svg")) return "an SVG drawing";
  return rest.starts_with("<?xml") ? "an XML document" : "";
}

}  // namespace

std::string_view foreign_kind(Bytes bytes) {
  for (const Sign& sign : kSigns) {
    if (bytes.size() > sign.at && starts_with(bytes.subspan(sign.at), sign.bytes)) return sign.kind;
  }
  if (const std::string_view kind = kind_of_media(bytes); !kind.empty()) return kind;
  return kind_of_markup(bytes);
}

}  // namespace clipcls
