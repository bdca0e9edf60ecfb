#include "pipeline/feature_folder.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

FolderRequest request(const fs::path& folder) { return {.path = folder, .kind = OutputKind::kFeatureFolder}; }

class FeatureFolderTest : public testing::Test {
 protected:
  /// Two images of three features.
  void write_features(float last = 6) {
    FeatureFolderWriter writer(request(folder), embedding_info(model));
    writer.add("a.png", std::array{1.0F, 2.0F, 3.0F});
    writer.add("with\nnewline \xFF.png", std::array{4.0F, 5.0F, last});
    EXPECT_EQ(writer.num_images(), 2U);
    EXPECT_FALSE(fs::exists(folder));
    writer.commit();
  }

  void expect_refused(const std::string& part) {
    expect_error(ErrorKind::kFeatures, part, [&] { FeatureFolder features(folder); });
  }

  void write_file(const char* name, const std::string& content) {
    std::ofstream(folder / name, std::ios::binary) << content;
  }

  TemporaryFolder temporary;
  fs::path folder = temporary.path() / "features";
  FakeClipModel model;
};

TEST_F(FeatureFolderTest, ReadsWhatItWrote) {
  write_features();
  const FeatureFolder features(folder);
  features.require_model(model);
  EXPECT_EQ(features.info().num_images, 2U);
  EXPECT_EQ(features.info().precision, "fp32");
  EXPECT_EQ(features.paths(), (std::vector<std::string>{"a.png", "with\nnewline \xFF.png"}));
  EXPECT_EQ(features.image_features().block(1, 1)[2], 6.0F);
  EXPECT_EQ(std::distance(fs::directory_iterator(temporary.path()), fs::directory_iterator()), 1);
}

TEST_F(FeatureFolderTest, NothingIsLeftOfWhatWasNotCommitted) {
  {
    FeatureFolderWriter writer(request(folder / ""), embedding_info(model));  // with a slash at its end
    writer.add("a.png", std::array{1.0F, 2.0F, 3.0F});
  }
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

TEST_F(FeatureFolderTest, AFolderWithSomethingInItIsNotReplaced) {
  fs::create_directory(folder);
  write_file("mine.txt", "x");
  expect_error(ErrorKind::kOutput, "features: exists already",
               [&] { FeatureFolderWriter writer(request(folder), embedding_info(model)); });
  EXPECT_TRUE(fs::exists(folder / "mine.txt"));
  expect_error(ErrorKind::kOutput, "cannot be made",
               [&] { FeatureFolderWriter writer(request(folder / "no" / "where"), embedding_info(model)); });
}

TEST_F(FeatureFolderTest, AnEmptyFolderMayBeFilled) {
  fs::create_directory(folder);
  FeatureFolderWriter writer(request(folder), embedding_info(model));
  writer.commit();
  EXPECT_EQ(FeatureFolder(folder).paths().size(), 0U);
}

TEST_F(FeatureFolderTest, FilesMustFitEachOther) {
  expect_refused("embedding.json: is missing");
  write_features();
  write_file("paths.nul", std::string("a.png\0b.png\0c.png\0", 18));
  expect_refused("paths.nul: has 3 paths, and field num_images of embedding.json is 2");
  fs::remove(folder / "paths.nul");
  expect_refused("paths.nul: is missing");
  fs::remove_all(folder);
  write_features(std::numeric_limits<float>::quiet_NaN());
  expect_refused("image_features.npy: row 1 holds nan");
}

TEST_F(FeatureFolderTest, FieldsAreChecked) {
  write_features();
  const auto info = [](const std::string& embed_dim, const std::string& rest) {
    return R"({"format_version": 1, "model": "x", "precision": "fp32", "num_images": 2, "embed_dim": )" +
           embed_dim + rest + "}";
  };
  const std::string fingerprint = R"(, "model_fingerprint": "")";
  write_file("embedding.json", info("4", fingerprint));
  expect_refused("image_features.npy: has 3 columns, and field embed_dim of embedding.json is 4");
  write_file("embedding.json", info("-3", fingerprint));
  expect_refused("embedding.json: field embed_dim is -3, expected a whole number");
  write_file("embedding.json", info("3", ""));
  expect_refused("embedding.json: field model_fingerprint is missing");
  write_file("embedding.json", info("3", R"(, "model_fingerprint": [1])"));
  expect_refused("field model_fingerprint is [1], expected a text");
  write_file("embedding.json", R"({"format_version": 2})");
  expect_refused("field format_version is 2, and this program knows 1");
  const std::pair<const char*, const char*> broken[] = {{"", "is not valid JSON at byte 1"},
                                                        {"[]", "is not a JSON object"},
                                                        {"{\"a\":", "is not valid JSON at byte 6"},
                                                        {"\xFF\xFE", "is UTF-16 text"}};
  for (const auto& [text, problem] : broken) {
    write_file("embedding.json", text);
    expect_refused(std::string("embedding.json: ") + problem);
  }
}

TEST_F(FeatureFolderTest, KnowsTheModelThatEmbedded) {
  class OtherModel : public FakeClipModel {
   public:
    std::string image_fingerprint() const override { return "0123"; }
  };
  write_features();
  expect_error(ErrorKind::kFeatures, "embedding.json: field model_fingerprint is ",
               [&] { FeatureFolder(folder).require_model(OtherModel()); });
}

}  // namespace
}  // namespace clipcls
