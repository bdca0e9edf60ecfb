#include "fetch/fetch_plan.h"

#include <gtest/gtest.h>

#include "support/environment_variable.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

class FetchPlanTest : public testing::Test {
  EnvironmentVariable data_home_{"XDG_DATA_HOME", "/data"};
};

TEST_F(FetchPlanTest, APublishedModelHasAPlaceOfItsName) {
  const FetchPlan plan = make_fetch_plan({.model = "ViT-B/32"});
  ASSERT_NE(plan.published, nullptr);
  EXPECT_FALSE(plan.repository);
  EXPECT_EQ(plan.address, plan.published->url);
  EXPECT_EQ(plan.output, "/data/clipcls/models/ViT-B-32");
  EXPECT_EQ(plan.download, "/data/clipcls/downloads/ViT-B-32");
  EXPECT_EQ(make_fetch_plan({.model = "ViT-B/32", .imports = false}).output,
            "/data/clipcls/models/ViT-B-32.pt");
}

TEST_F(FetchPlanTest, ARepositoryOfTheHubToo) {
  const FetchPlan plan = make_fetch_plan({.model = "hf:OWNER/NAME@main", .mirror = "http://localhost:1"});
  EXPECT_EQ(plan.published, nullptr);
  ASSERT_TRUE(plan.repository);
  EXPECT_EQ(plan.repository->owner, "OWNER");
  EXPECT_EQ(plan.address, "http://localhost:1");
  EXPECT_EQ(plan.output, "/data/clipcls/models/OWNER--NAME@main");
  expect_error(ErrorKind::kInvalidArgument, "hf:OWNER/NAME: needs an output where it is not imported",
               [] { make_fetch_plan({.model = "hf:OWNER/NAME", .imports = false}); });
}

TEST_F(FetchPlanTest, ANameOfTheCatalogueIsTheModelsOwn) {
  const FetchPlan plan = make_fetch_plan({.model = "siglip2-b16-256"});
  ASSERT_TRUE(plan.repository);
  EXPECT_EQ(plan.repository->name, "siglip2-base-patch16-256");
  EXPECT_EQ(plan.address, kHubAddress);
  EXPECT_EQ(plan.output, "/data/clipcls/models/siglip2-b16-256");
  EXPECT_EQ(plan.download, "/data/clipcls/downloads/siglip2-b16-256");
  expect_error(ErrorKind::kInvalidArgument, "siglip2-b16-256: needs an output where it is not imported",
               [] { make_fetch_plan({.model = "siglip2-b16-256", .imports = false}); });
}

TEST_F(FetchPlanTest, AnOutputIsAbsoluteWithoutASlashAtItsEnd) {
  EXPECT_EQ(make_fetch_plan({.model = "ViT-B/32", .output = "/a/b/../c/"}).output, "/a/c");
  EXPECT_EQ(make_fetch_plan({.model = "ViT-B/32", .output = "x"}).output,
            std::filesystem::current_path() / "x");
}

TEST_F(FetchPlanTest, AnotherNameIsRefusedWithTheOneThatIsNear) {
  expect_error(
      ErrorKind::kInvalidArgument,
      "ViT-B/33: is not a model that can be fetched; perhaps ViT-B/32 is meant; it would be a name of",
      [] { make_fetch_plan({.model = "ViT-B/33"}); });
}

}  // namespace
}  // namespace clipcls
