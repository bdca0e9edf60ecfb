#include "photos/xmp_keywords.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

using Keywords = std::vector<std::string>;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++number;
  return number;
}

constexpr const char* kDigikam = R"(<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:mine="http://example.org/mine/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
 xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmp:Rating="4" mine:note="keep &lt;this&gt;">
<dc:subject><rdf:Bag><rdf:li>holiday</rdf:li><rdf:li>shark</rdf:li></rdf:Bag></dc:subject>
<digiKam:TagsList><rdf:Seq><rdf:li>Places/Crete</rdf:li></rdf:Seq></digiKam:TagsList>
<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|Crete</rdf:li></rdf:Bag></lr:hierarchicalSubject>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>)";

TEST(XmpKeywords, MakesASidecarOnce) {
  const TemporaryFolder folder;
  const fs::path sidecar = folder.path() / "a.jpg.xmp";
  const XmpKeywords xmp;
  EXPECT_TRUE(xmp.would_add(sidecar, Keywords{"shark"}));
  EXPECT_FALSE(fs::exists(sidecar));
  EXPECT_TRUE(xmp.add(sidecar, Keywords{"shark", "R&D <b>", "犬"}));
  const std::string text = content(sidecar);
  EXPECT_NE(text.find("<rdf:li>R&amp;D &lt;b&gt;</rdf:li>"), std::string::npos) << text;
  EXPECT_NE(text.find("<rdf:li>犬</rdf:li>"), std::string::npos) << text;
  EXPECT_EQ(text.find("digiKam"), std::string::npos) << text;
  EXPECT_FALSE(xmp.add(sidecar, Keywords{"犬", "shark"}));
  EXPECT_EQ(content(sidecar), text);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(XmpKeywords, MergesAndKeepsAllElse) {
  const TemporaryFolder folder;
  const fs::path sidecar = folder.write("a.xmp", kDigikam);
  fs::permissions(sidecar, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(XmpKeywords().add(sidecar, Keywords{"shark", "fish"}));
  const std::string text = content(sidecar);
  EXPECT_EQ(count(text, "<rdf:li>shark</rdf:li>"), 3U) << text;  // dc:subject had it, the other two had not
  EXPECT_EQ(count(text, "<rdf:li>fish</rdf:li>"), 3U) << text;
  for (const char* kept :
       {"holiday", "Places/Crete", "Places|Crete", "keep &lt;this&gt;", "xmp:Rating", "rdf:Seq"})
    EXPECT_NE(text.find(kept), std::string::npos) << kept << " in " << text;
  EXPECT_EQ(fs::status(sidecar).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(XmpKeywords, KeepsWhatIsNoSidecar) {
  const TemporaryFolder folder;
  const XmpKeywords xmp;
  for (const char* foreign :
       {"no XML", "<?xml version=\"1.0\"?><settings><a/></settings>", "<x:xmpmeta><rdf:RDF>", "\xFF\xFE"}) {
    const fs::path file = folder.write("a.xmp", foreign);
    expect_error(ErrorKind::kOutput, "is not an XMP sidecar", [&] { xmp.add(file, Keywords{"shark"}); });
    EXPECT_EQ(content(file), foreign);
  }
  EXPECT_TRUE(xmp.add(folder.write("empty.xmp", ""), Keywords{"shark"}));
}

TEST(XmpKeywords, KeepsWhatIsNoFile) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.xmp";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect_error(ErrorKind::kOutput, "is not an ordinary file",
               [&] { XmpKeywords().add(path, Keywords{"shark"}); });
  EXPECT_TRUE(fs::is_fifo(path));
  fs::remove(path);
  std::ofstream(path) << "film";
  fs::resize_file(path, std::uintmax_t{5} << 30U);
  expect_error(ErrorKind::kOutput, "is not an XMP sidecar",
               [&] { XmpKeywords().add(path, Keywords{"shark"}); });
}

TEST(XmpKeywords, ASubjectThatIsNoListIsKept) {
  const TemporaryFolder folder;
  const std::string text =
      R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:digiKam="http://www.digikam.org/ns/1.0/" digiKam:TagsList="one"/></rdf:RDF></x:xmpmeta>)";
  const fs::path file = folder.write("a.xmp", text);
  expect_error(ErrorKind::kOutput, "TagsList is not a list",
               [&] { XmpKeywords().add(file, Keywords{"shark"}); });
  EXPECT_EQ(content(file), text);
}

// To declare "dc" would make a property of what is none. (Found by fuzz_xmp.)
TEST(XmpKeywords, ASidecarWithAPrefixThatIsNotDeclaredIsKept) {
  const TemporaryFolder folder;
  const std::string text =
      R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">)"
      R"(<rdf:Description rdf:about=""><dc:subject>cat</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>)";
  const fs::path sidecar = folder.write("a.xmp", text);
  expect_error(ErrorKind::kOutput, "cannot be written as XMP, and stays as it is",
               [&] { XmpKeywords().add(sidecar, Keywords{"shark"}); });
  EXPECT_EQ(content(sidecar), text);
}

TEST(XmpKeywords, ASymbolicLinkStaysOne) {
  const TemporaryFolder folder;
  const fs::path real = folder.write("real.xmp", "");
  const fs::path link = folder.path() / "link.xmp";
  fs::create_symlink("real.xmp", link);
  EXPECT_TRUE(XmpKeywords().add(link, Keywords{"shark"}));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_NE(content(real).find("shark"), std::string::npos);
}

}  // namespace
}  // namespace clipcls
