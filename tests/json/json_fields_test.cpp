#include "json/json_fields.h"

#include <gtest/gtest.h>

#include "json/parse_json.h"
#include "json/write_json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using nlohmann::json;

class JsonFieldsTest : public testing::Test {
 protected:
  void expect(const std::string& part, const std::function<void(const JsonFields&)>& read) {
    const json root = {{"size", 7},          {"huge", 18446744073709551615ULL}, {"name", "cat"},
                       {"nothing", nullptr}, {"image", {{"size", "x"}}},        {"list", {1, 2}}};
    expect_error(ErrorKind::kFeatures, part,
                 [&] { read(JsonFields(root, "file.json", ErrorKind::kFeatures)); });
  }
};

TEST_F(JsonFieldsTest, ErrorsNameTheFileTheFieldTheValueAndWhatWouldBeRight) {
  expect("file.json: field other is missing", [](const JsonFields& fields) { fields.text("other"); });
  expect("file.json: field size is 7, expected a text",
         [](const JsonFields& fields) { fields.text("size"); });
  expect("file.json: field size is 7, expected an integer from 8 to 9",
         [](const JsonFields& fields) { fields.integer("size", 8, 9); });
  expect("field huge is 18446744073709551615, expected an integer from -5 to 9",
         [](const JsonFields& fields) { fields.integer("huge", -5, 9); });
  expect("file.json: field name is \"cat\", expected a number",
         [](const JsonFields& fields) { fields.number("name"); });
  expect("field name is \"cat\", expected a whole number",
         [](const JsonFields& fields) { fields.count("name"); });
  expect("field name is \"cat\", expected true or false",
         [](const JsonFields& fields) { fields.boolean_or("name", true); });
  expect("field list is [1,2], expected three numbers",
         [](const JsonFields& fields) { fields.three_numbers("list"); });
  expect("field name is \"cat\", expected an object",
         [](const JsonFields& fields) { fields.object("name"); });
  expect("field name is \"cat\", expected a or b", [](const JsonFields& fields) {
    fields.choice<int>("name", {{"a", 1}, {"b", 2}});
  });
  expect("file.json: field image.size is \"x\", expected a number",
         [](const JsonFields& fields) { fields.object("image").number("size"); });
}

TEST_F(JsonFieldsTest, NullIsMissingWhereAFieldIsOptional) {
  const json root = {{"nothing", nullptr}};
  const JsonFields fields(root, "file.json", ErrorKind::kModel);
  EXPECT_EQ(fields.integer_or("nothing", 3, 0, 9), 3);
  EXPECT_EQ(fields.optional_text("nothing"), "");
  expect("field nothing is null, expected a text", [](const JsonFields& all) { all.text("nothing"); });
}

TEST(JsonFields, AreOfAnObject) {
  expect_error(ErrorKind::kModel, "file.json: is not a JSON object",
               [] { JsonFields(json::array(), "file.json", ErrorKind::kModel); });
}

TEST(ParseJson, NamesThePlace) {
  const auto expect = [](const std::string& part, const std::string& text) {
    expect_error(ErrorKind::kFetch, part, [&] { parse_json(text, "file.json", ErrorKind::kFetch); });
  };
  expect("file.json: is not valid JSON at byte 5", "[1, x]");
  expect("file.json: has a number that is too large", "[1e999]");
  expect("file.json: is nested too deeply", std::string(1'000'000, '['));
  const std::string deepest = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(parse_json(deepest, "file.json", ErrorKind::kFetch).is_array());
  expect("file.json: is nested too deeply", "[" + deepest + "]");
}

TEST(ParseJsonFile, SaysWhatIsNoText) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kModel, "iconv -f UTF-16",
               [&] { parse_json_file(folder.write("wide", "\xFF\xFE{"), ErrorKind::kModel, "make one"); });
  expect_error(ErrorKind::kModel, "none: no such file; make one",
               [&] { parse_json_file(folder.path() / "none", ErrorKind::kModel, "make one"); });
}

TEST(WriteJson, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(write_json(nlohmann::ordered_json{{"b", "\xFF"}, {"a", 1}}), "{\"b\":\"\uFFFD\",\"a\":1}");
  EXPECT_EQ(write_json(nlohmann::ordered_json{{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

TEST(ShowJson, CutsBetweenCharacters) {
  EXPECT_EQ(show_json(json("short")), "\"short\"");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  const std::string shown = show_json(json(umlauts));
  EXPECT_EQ(shown.size(), 62U);  // a quote and 29 letters of two bytes, and the dots
  EXPECT_TRUE(shown.ends_with("ä..."));
}

}  // namespace
}  // namespace clipcls
