#include "pipeline/path_pattern.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(PathPattern, WithoutASlashItIsOneOfNames) {
  EXPECT_TRUE(matches_path_pattern("*_thumb.jpg", "a/b/x_thumb.jpg", false));
  EXPECT_TRUE(matches_path_pattern("thumbs", "a/thumbs", true));
  EXPECT_TRUE(matches_path_pattern("IMG_?[0-3].png", "IMG_12.png", false));
  EXPECT_FALSE(matches_path_pattern("*.jpg", "a/x.JPG", false));
  EXPECT_FALSE(matches_path_pattern("thumb", "a/thumbs", true));
}

TEST(PathPattern, WithASlashItIsOneOfPathsFromTheBeginning) {
  EXPECT_TRUE(matches_path_pattern("2023/*.jpg", "2023/x.jpg", false));
  EXPECT_FALSE(matches_path_pattern("2023/*.jpg", "2023/a/x.jpg", false));
  EXPECT_FALSE(matches_path_pattern("2023/*.jpg", "old/2023/x.jpg", false));
  EXPECT_TRUE(matches_path_pattern("/x.jpg", "x.jpg", false));
  EXPECT_FALSE(matches_path_pattern("/x.jpg", "a/x.jpg", false));
}

TEST(PathPattern, ASlashAtTheEndMeansFoldersAlone) {
  EXPECT_TRUE(matches_path_pattern("raw/", "a/raw", true));
  EXPECT_FALSE(matches_path_pattern("raw/", "a/raw", false));
  EXPECT_TRUE(matches_path_pattern("a/raw/", "a/raw", true));
}

}  // namespace
}  // namespace clipcls
