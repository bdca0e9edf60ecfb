#include "pipeline/image_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>

namespace clipcls {
namespace {

// A name with each ending, as it is, in capitals and with one.
std::vector<std::string> names_with(std::initializer_list<const char*> endings) {
  std::vector<std::string> names;
  for (const std::string ending : endings) {
    std::string capitals = ending;
    std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& written : {ending, capitals, capitals.substr(0, 1) + ending.substr(1)})
      names.push_back("IMG_0001." + written);
  }
  return names;
}

TEST(ImageNames, FoldersTakeEveryEndingOfTheFormatsThatAreRead) {
  for (const std::string& name :
       names_with({"jpg",  "jpeg",  "jpe", "jfif", "jif", "pjpeg", "pjp", "mpo", "jps",  "insp", "png",
                   "apng", "webp",  "tif", "tiff", "gif", "bmp",   "dib", "pbm", "pgm",  "ppm",  "pnm",
                   "psd",  "hdr",   "tga", "icb",  "vda", "vst",   "ico", "cur", "heic", "heif", "hif",
                   "avif", "avifs", "jxl", "jp2",  "j2k", "jpx",   "j2c", "jpc", "jpf",  "qoi",  "sgi",
                   "rgb",  "rgba",  "bw",  "dds",  "pcx", "dcx",   "dng", "nef", "nrw",  "cr2",  "cr3",
                   "arw",  "pef",   "srw", "orf",  "rw2", "raf"})) {
    EXPECT_TRUE(is_image_name(name)) << name;
    EXPECT_FALSE(is_name_of_other_image(name)) << name;
  }
}

TEST(ImageNames, FormatsThatAreNotReadAreOtherImages) {
  for (const std::string& name : names_with({"svg", "crw", "sr2", "srf", "raw", "rwl", "3fr", "fff", "iiq",
                                             "mos", "mrw", "kdc", "dcr", "erf", "x3f", "gpr", "mef"})) {
    EXPECT_TRUE(is_name_of_other_image(name)) << name;
    EXPECT_FALSE(is_image_name(name)) << name;
  }
}

TEST(ImageNames, ARawFileAndWhatWasDevelopedFromIt) {
  for (const std::string& name : names_with({"dng", "nef", "cr2", "cr3", "arw", "raf"})) {
    EXPECT_TRUE(is_raw_name(name)) << name;
    EXPECT_FALSE(is_developed_name(name)) << name;
  }
  for (const std::string& name : names_with({"jpg", "jpeg", "heic", "hif"})) {
    EXPECT_FALSE(is_raw_name(name)) << name;
    EXPECT_TRUE(is_developed_name(name)) << name;
  }
  for (const std::string& name : names_with({"png", "tif", "crw"}))
    EXPECT_FALSE(is_raw_name(name) || is_developed_name(name)) << name;
}

TEST(ImageNames, OtherFilesAreNeither) {
  for (const std::string name : {"notes.txt", "jpg", ".jpg", "a.jpg.xmp", "a.mov", "a.", "a"}) {
    EXPECT_FALSE(is_image_name(name)) << name;
    EXPECT_FALSE(is_name_of_other_image(name)) << name;
  }
}

}  // namespace
}  // namespace clipcls
