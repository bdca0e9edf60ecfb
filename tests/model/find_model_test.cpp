#include "model/find_model.h"

#include <gtest/gtest.h>

#include "model/model_folders.h"
#include "support/environment_variable.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

/// Folders of models in two places: a search path, and the user's.
class FindModel : public testing::Test {
 protected:
  void make_model(const std::string& folder) {
    std::filesystem::create_directories(folder_.path() / folder);
    folder_.write(folder + "/config.json", "{}");
  }

  std::filesystem::path at(const std::string& name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
  EnvironmentVariable search_path_{"CLIPCLS_MODEL_PATH", at("first").string() + ":" + at("second").string()};
  EnvironmentVariable data_home_{"XDG_DATA_HOME", at("data").string()};
  EnvironmentVariable model_{"CLIPCLS_MODEL", ""};
};

TEST_F(FindModel, APathGoesBeforeANameAndTheFirstFolderBeforeTheOthers) {
  make_model("first/ViT-B-32");
  make_model("second/ViT-B-32");
  make_model("second/mine");
  make_model("data/clipcls/models/OWNER--NAME");
  EXPECT_EQ(find_model(at("second/ViT-B-32").string()), at("second/ViT-B-32"));
  EXPECT_EQ(find_model("ViT-B/32"), at("first/ViT-B-32"));
  EXPECT_EQ(find_model("mine"), at("second/mine"));
  EXPECT_EQ(find_model("hf:OWNER/NAME"), at("data/clipcls/models/OWNER--NAME"));
  const EnvironmentVariable chosen("CLIPCLS_MODEL", "mine");
  EXPECT_EQ(find_model(""), at("second/mine"));
}

TEST_F(FindModel, SaysWhereItLookedAndWhatIsThere) {
  make_model("first/mine");
  try {
    find_model("ViT-B/33");
    FAIL() << "nothing was thrown";
  } catch (const ModelNotFound& error) {
    EXPECT_EQ(error.model(), "ViT-B/33");
    EXPECT_TRUE(error.place().starts_with("ViT-B/33: no such model: no such path, and none of that name in " +
                                          at("first").string() + ", " + at("second").string()));
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with(error.place())) << message;
    EXPECT_NE(message.find(", which have "), std::string::npos) << message;
    EXPECT_NE(message.find("mine"), std::string::npos) << message;
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
  }
  expect_error(ErrorKind::kModel, "/nonexistent/x: no such model; a model is a name",
               [] { find_model("/nonexistent/x"); });
  const std::string file = folder_.write("weights.pt", "");
  expect_error(ErrorKind::kModel, "is a file, not a model folder", [&] { find_model_folder(file); });
}

TEST_F(FindModel, ListsEachNameOnceWithTheFolderThatWins) {
  make_model("first/mine");
  make_model("second/mine");
  make_model("second/.hidden");
  folder_.write("second/archive.pt", "PK");
  std::vector<std::string> listed;
  for (const NamedModel& model : list_named_models()) {
    if (model.origin == ModelOrigin::kSearchPath) listed.push_back(model.name + " " + model.path.string());
  }
  EXPECT_EQ(listed, (std::vector<std::string>{"archive " + at("second/archive.pt").string(),
                                              "mine " + at("first/mine").string()}));
}

TEST(ModelFolderName, NeverLeadsOutOfAFolder) {
  EXPECT_EQ(model_folder_name("ViT-L/14@336px"), "ViT-L-14-336px");
  EXPECT_EQ(model_folder_name("hf:OWNER/NAME@refs/pr/1"), "OWNER--NAME@refs-pr-1");
  for (const char* name : {"/etc", "../x", "a/../b", "./a", "a//b", ".hidden", "hf:../x", "a\nb", ""})
    EXPECT_EQ(model_folder_name(name), "") << name;
  EXPECT_EQ(model_folder_name(std::string(300, 'a')), "");
}

}  // namespace
}  // namespace clipcls
