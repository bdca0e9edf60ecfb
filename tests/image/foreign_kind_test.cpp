#include "image/decode/foreign_kind.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "golden_data.h"

namespace clipcls {
namespace {

using namespace std::string_literals;

std::string kind_of(const std::string& text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return std::string(foreign_kind({bytes, text.size()}));
}

TEST(ForeignKind, FilesThatAreTakenForPicturesAreNamed) {
  EXPECT_EQ(kind_of("%PDF-1.7\n"), "a PDF document");
  EXPECT_EQ(kind_of("\0\0\0\x18"
                    "ftypisom\0\0\2\0isomiso2"s),
            "an MP4 video");
  EXPECT_EQ(kind_of("\0\0\0\x14"
                    "ftypqt  \0\0\2\0qt  "s),
            "a QuickTime video");
  EXPECT_EQ(kind_of("RIFF\0\0\0\0AVI LIST"s), "an AVI video");
  EXPECT_EQ(kind_of("\x1A\x45\xDF\xA3"), "a Matroska or WebM video");
  EXPECT_EQ(kind_of("PK\x03\x04"), "a ZIP archive, or a document that is one");
  EXPECT_EQ(kind_of(std::string(128, '\0') + "DICM"), "a DICOM file");
  EXPECT_EQ(kind_of(std::string(257, 'a') + "ustar"), "a tar archive");
}

TEST(ForeignKind, MarkupIsToldByItsTags) {
  EXPECT_EQ(kind_of("<svg xmlns='x'/>"), "an SVG drawing");
  EXPECT_EQ(kind_of("\xEF\xBB\xBF \n<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>"), "an SVG drawing");
  EXPECT_EQ(kind_of("<!DOCTYPE html>\n<html><body><svg/></body></html>"), "an HTML page");
  EXPECT_EQ(kind_of("<HTML>"), "an HTML page");
  EXPECT_EQ(kind_of("<?xml version='1.0'?><a/>"), "an XML document");
}

TEST(ForeignKind, OtherBytesHaveNone) {
  for (const std::string& text : {""s, "a"s, "hello, world\n"s, "svg <svg/>"s, "<"s, std::string(4096, '\0'),
                                  "\0\0\0\x18"
                                  "ftyp"s}) {
    EXPECT_EQ(kind_of(text), "");
  }
}

TEST(ForeignKind, NoPictureThatIsReadHasOne) {
  for (const auto& path : committed_pictures()) {
    const auto bytes = read_file(path);
    if (path.filename().string().find("tga") == std::string::npos && bytes[0] != 0 &&
        outcome(bytes) == "ok") {
      EXPECT_EQ(foreign_kind(bytes), "") << path;
    }
  }
}

TEST(ForeignKind, TheMessageSaysWhatItIs) {
  const std::string pdf = "%PDF-1.7\n";
  try {
    decode_image({reinterpret_cast<const std::uint8_t*>(pdf.data()), pdf.size()});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupportedFormat);
    EXPECT_TRUE(std::string(error.what())
                    .starts_with("this is a PDF document, which is not read here; accepted are JPEG, PNG,"))
        << error.what();
  }
}

}  // namespace
}  // namespace clipcls
