#include "model/model_reference.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

constexpr const char* kReference = R"({
  "computed_by": "torch", "pictures": [{"width": 8, "height": 6, "source_fnv1a64": "a", "resized_fnv1a64": "b"}],
  "texts": [{"text": "cat", "token_ids": [1, 2]}, {"text": "dog", "token_ids": [3]}],
  "image_features": [[0.5, 2]], "text_features": [[3, 4]], "logits": [[10.5]]
})";

/// kReference with `from` replaced.
ModelReference read_with(const std::string& from, const std::string& to) {
  std::string json = kReference;
  const std::size_t position = json.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  const TemporaryFolder folder;
  folder.write("reference.json", json.replace(position, from.size(), to));
  return read_model_reference(folder.path());
}

TEST(ModelReference, ReadsEveryField) {
  const ModelReference reference = read_with("torch", "torch");
  EXPECT_EQ(reference.computed_by, "torch");
  ASSERT_EQ(reference.pictures.size(), 1U);
  EXPECT_EQ(reference.pictures[0].width, 8);
  EXPECT_EQ(reference.pictures[0].resized_checksum, "b");
  ASSERT_EQ(reference.texts.size(), 2U);
  EXPECT_EQ(reference.texts[0].token_ids, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(reference.image_features.cols, 2U);
  EXPECT_EQ(reference.text_features.values, (std::vector<float>{3, 4}));
  EXPECT_EQ(reference.logits.values, std::vector<float>{10.5F});
}

TEST(ModelReference, RefusesWhatContradictsItself) {
  const auto expect_refused = [](const std::string& from, const std::string& to, const std::string& message) {
    expect_error(ErrorKind::kModel, message, [&] { read_with(from, to); });
  };
  expect_refused("[[0.5, 2]]", "[[0.5, 2], [1]]", "rows of a matrix differ in length");
  expect_refused("[[0.5, 2]]", "null", "a matrix is not a list of rows");
  expect_refused("[[10.5]]", "[[10.5, 1]]", "contradict each other");
  expect_refused("\"width\": 8", "\"width\": 1e300", "a picture's side is out of range");
  expect_refused("\"width\": 8", "\"width\": 4294967304", "a picture's side is out of range");
  expect_refused("[3]", "[3.5]", "a token id is not a whole number");
}

// The rows that the length of the first asks for would take 40 GB.
TEST(ModelReference, TakesNoMemoryForRowsThatAreNotThere) {
  std::string row = "[0";
  for (int i = 1; i < 100'000; ++i) row += ",0";
  std::string rows = row + "]";
  for (int i = 1; i < 100'000; ++i) rows += ",0";
  expect_error(ErrorKind::kModel, "is not a reference of a model",
               [&] { read_with("[[0.5, 2]]", "[" + rows + "]"); });
}

}  // namespace
}  // namespace clipcls
