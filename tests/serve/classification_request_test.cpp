#include "serve/classification_request.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace clipcls {
namespace {

HttpRequest request(const std::string& query, const std::string& type, const std::string& body) {
  return {{"POST", "/classify", query, type, ""}, body};
}

TEST(ClassificationRequestTest, TheBodyIsTheImage) {
  const ClassificationRequest read =
      parse_classification_request(request("top_k=3&threshold=-0.5&page=12", "image/png", "x"), 5);
  EXPECT_EQ(read.name, "-");
  EXPECT_EQ(read.image, "x");
  EXPECT_EQ(read.labels, "");
  EXPECT_FALSE(read.label_set);
  EXPECT_EQ(read.top_k, 3U);
  EXPECT_EQ(read.page, 12);
  EXPECT_EQ(read.threshold, -0.5);
}

TEST(ClassificationRequestTest, LabelsOfAllFieldsAreOneList) {
  const ClassificationRequest read = parse_classification_request(
      request("label=a&labels=%5B%22b%22,%7B%22label%22:%22c%22%7D%5D", "application/json",
              R"({"image": "eA==", "labels": {"d": ["a {}"]}})"),
      5);
  ASSERT_TRUE(read.label_set);
  std::string names;
  for (const Label& label : read.label_set->labels) names += label.name;
  EXPECT_EQ(names, "abcd");
  EXPECT_EQ(read.image, "x");
}

TEST(ClassificationRequestTest, ALabelThatIsGivenTwiceCountsOnce) {
  const ClassificationRequest read = parse_classification_request(
      request("label=cat&label=%C2%A0cat&labels=%EF%BB%BF%5B%22dog%22,%22cat%22%5D", "image/png", "x"), 5);
  ASSERT_TRUE(read.label_set);
  ASSERT_EQ(read.label_set->labels.size(), 2U);
  EXPECT_EQ(read.label_set->labels[0].name, "cat");
  EXPECT_EQ(read.label_set->labels[1].name, "dog");
}

TEST(ClassificationRequestTest, NamesAndPromptsAreCounted) {
  const auto parse = [](std::size_t max_labels) {
    const std::string body =
        R"({"image": "eA==", "labels": [{"label": "a", "synonyms": ["b"], "prompts": ["c"]}, "d"]})";
    return parse_classification_request(request("", "application/json", body), max_labels);
  };
  EXPECT_EQ(parse(4).label_set->labels.size(), 2U);
  expect_error(ErrorKind::kInvalidArgument, "more than 3 labels", [&] { parse(3); });
}

TEST(ClassificationRequestTest, LabelsMadeFromPicturesAreRefused) {
  const std::string labels =
      R"({"format": "clipcls-labels", "format_version": 1, "model": "m", "image_fingerprint": "i",
    "text_fingerprint": "t", "embed_dim": 1, "labels": [{"label": "a", "embedding": [1.0], "norm": 1.0, "bias": 0.0}]})";
  EXPECT_THROW(parse_classification_request(
                   request("", "application/json", R"({"image": "eA==", "labels": )" + labels + "}"), 5),
               Error);
}

TEST(ClassificationRequestTest, KnowsMediaTypes) {
  for (const char* type :
       {"", "image/x", "IMAGE/PNG", "application/json; charset=utf-8", "Multipart/Form-Data;boundary=x",
        "application/octet-stream", "application/x-www-form-urlencoded"})
    EXPECT_TRUE(is_known_media_type(type)) << type;
  for (const char* type : {"text/plain", "video/mp4", "multipart/mixed", "application/jsonl", ";"})
    EXPECT_EQ(is_known_media_type(type), std::string_view(type) == ";") << type;
}

TEST(ClassificationRequestTest, ANameHoldsNoNulByte) {
  for (const auto& [query, type, body] : std::vector<std::array<std::string, 3>>{
           {"name=a%00b.png", "image/png", "x"},
           {"", "application/json", R"({"image": "eA==", "name": "a\u0000b"})"}}) {
    expect_error(ErrorKind::kInvalidArgument, "field name holds a NUL byte",
                 [&] { parse_classification_request(request(query, type, body), 5); });
  }
}

}  // namespace
}  // namespace clipcls
