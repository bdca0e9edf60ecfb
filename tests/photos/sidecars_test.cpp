#include "clipcls/photos/sidecars.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/temporary_folder.h"

namespace clipcls {
namespace {

std::vector<std::string> names(const std::vector<Sidecar>& sidecars, const std::filesystem::path& photo) {
  std::vector<std::string> found;
  for (const Sidecar& sidecar : sidecars) found.push_back(sidecar.name_beside(photo));
  std::ranges::sort(found);
  return found;
}

TEST(SidecarPath, FollowsBothCustoms) {
  EXPECT_EQ(sidecar_path("a/photo.jpg", SidecarName::kAppended), "a/photo.jpg.xmp");
  EXPECT_EQ(sidecar_path("a/photo.jpg", SidecarName::kReplaced), "a/photo.xmp");
  EXPECT_EQ(sidecar_path("photo", SidecarName::kReplaced), "photo.xmp");
}

TEST(SidecarFinder, FindsEachKind) {
  const TemporaryFolder folder;
  for (const char* name :
       {"a.jpg", "a.jpg.xmp", "a_01.jpg.xmp", "a_02.jpg.xmp", "a.xmp", "b.jpg", "b.jpg.XMP", "ab.xmp"})
    folder.write(name, "x");
  SidecarFinder finder;
  EXPECT_EQ(names(finder.find(folder.path() / "a.jpg"), "photo-2.JPG"),
            (std::vector<std::string>{"photo-2.JPG.xmp", "photo-2.xmp", "photo-2_01.JPG.xmp",
                                      "photo-2_02.JPG.xmp"}));
  EXPECT_EQ(names(finder.find(folder.path() / "b.jpg"), "c.jpg"), std::vector<std::string>{"c.jpg.XMP"});
}

TEST(SidecarFinder, LeavesASharedSidecarWhereItIs) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "a.CR3", "a.xmp", "b.jpg", "b.xmp"}) folder.write(name, "x");
  SidecarFinder finder;
  EXPECT_TRUE(finder.find(folder.path() / "a.jpg").empty());
  EXPECT_EQ(finder.find(folder.path() / "b.jpg").size(), 1U);
}

}  // namespace
}  // namespace clipcls
