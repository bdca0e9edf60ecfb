#include "fetch/model_catalogue.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "model/checkpoint/checkpoint_config_readers.h"
#include "model/model_folders.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(ModelCatalogue, HasOpenAisNineModels) {
  std::set<std::string> names;
  for (const PublishedModel& model : published_models()) {
    if (!model.repository.empty()) continue;
    names.insert(model.name);
    EXPECT_EQ(model.sha256.size(), 64U) << model.name;
    EXPECT_EQ(model.sha256.find_first_not_of("0123456789abcdef"), std::string::npos) << model.name;
    // OpenAI writes the checksum into the address: the two vouch for each other.
    EXPECT_EQ(model.url, "https://openaipublic.azureedge.net/clip/models/" + model.sha256 + "/" + model.file);
  }
  EXPECT_EQ(names, (std::set<std::string>{"RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-B/32",
                                          "ViT-B/16", "ViT-L/14", "ViT-L/14@336px"}));
}

TEST(ModelCatalogue, SaysOfEachModelWhatAUserChoosesBy) {
  std::set<std::string> folders;
  for (const PublishedModel& model : published_models()) {
    SCOPED_TRACE(model.name);
    EXPECT_EQ(find_published_model(model.name), &model);
    // A name is that of the folder that its model lies in, and no other's.
    EXPECT_TRUE(folders.insert(model_folder_name(model.name)).second);
    EXPECT_FALSE(model.task.empty());
    EXPECT_FALSE(model.languages.empty());
    EXPECT_GT(model.num_megabytes, 100);
    EXPECT_NE(model.repository.empty(), model.url.empty());
    EXPECT_EQ(model.imagenet.has_value(), !model.imagenet_from.empty());
    if (model.imagenet) {
      EXPECT_GT(*model.imagenet, 50);
      EXPECT_LT(*model.imagenet, 90);
    }
    EXPECT_EQ(model.weights.empty(), model.configuration.empty());
    EXPECT_EQ(model.open_clip_name.empty(), model.open_clip_tag.empty());
  }
  EXPECT_GE(folders.size(), 25U);
  EXPECT_EQ(names_of_published_models().size(), folders.size());
}

TEST(ModelCatalogue, NamesOfTheHubStandForItsRepositories) {
  const auto siglip = find_hub_reference("siglip2-b16-256");
  ASSERT_TRUE(siglip);
  EXPECT_EQ(siglip->owner, "google");
  EXPECT_EQ(siglip->name, "siglip2-base-patch16-256");
  EXPECT_EQ(siglip->revision, "main");
  EXPECT_EQ(find_hub_reference("hf:a/b@c")->revision, "c");
  for (const char* name : {"ViT-B/32", "", "google/siglip2-base-patch16-256"})
    EXPECT_FALSE(find_hub_reference(name)) << name;
  for (const PublishedModel& model : published_models()) {
    if (!model.repository.empty()) {
      EXPECT_TRUE(find_hub_reference(model.name)) << model.name;
    }
  }
}

TEST(ModelCatalogue, ItsOwnConfigurationsAreThoseOfTheImport) {
  int num_read = 0;
  for (const PublishedModel& model : published_models()) {
    if (model.configuration.empty()) continue;
    const nlohmann::json root = nlohmann::json::parse(model.configuration);
    const CheckpointConfig config = read_open_clip_config({root, model.name, ErrorKind::kModel});
    EXPECT_EQ(config.architecture.image_size, 224) << model.name;
    ++num_read;
  }
  EXPECT_GT(num_read, 0);
}

TEST(ModelCatalogue, FindsByNameAndByFile) {
  ASSERT_NE(find_published_model("ViT-L/14@336px"), nullptr);
  EXPECT_EQ(find_published_model("ViT-L/14@336px"), find_published_model("ViT-L-14-336px"));
  EXPECT_EQ(find_published_model("RN50")->file, "RN50.pt");
  for (const char* name : {"", "vit-b/32", "ViT-B", "RN50.pt", "hf:openai/RN50"}) {
    EXPECT_EQ(find_published_model(name), nullptr) << name;
  }
}

TEST(ModelCatalogue, ReadsHubReferences) {
  const HubReference plain = parse_hub_reference("hf:laion/CLIP-ViT-B-32.x_1");
  EXPECT_EQ(plain.owner, "laion");
  EXPECT_EQ(plain.name, "CLIP-ViT-B-32.x_1");
  EXPECT_EQ(plain.revision, "main");
  EXPECT_EQ(parse_hub_reference("hf:a/b@refs/pr/1").revision, "refs/pr/1");
  for (const char* text : {"", "a/b", "hf:", "hf:a", "hf:a/", "hf:/b", "hf:a/b/c", "hf:a/b@", "hf:a/b@/c",
                           "hf:../b", "hf:a/..", "hf:a/b@x/../y", "hf:a/b c", "hf:a/b?x", "hf:a/b@c#d"}) {
    expect_error(ErrorKind::kInvalidArgument, "hf:OWNER/NAME", [&] { parse_hub_reference(text); });
  }
}

TEST(ModelCatalogue, MirrorsStandForSchemeAndHost) {
  const std::string url = "https://host.example/a/b.pt";
  EXPECT_EQ(mirrored_url(url, ""), url);
  EXPECT_EQ(mirrored_url(url, "http://127.0.0.1:80"), "http://127.0.0.1:80/a/b.pt");
  EXPECT_EQ(mirrored_url(url, "https://m.example/x//"), "https://m.example/x/a/b.pt");
  EXPECT_EQ(mirrored_url("https://host.example", "https://m.example/"), "https://m.example");
}

}  // namespace
}  // namespace clipcls
