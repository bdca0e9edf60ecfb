#include "model/checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/expect_error.h"

namespace clipcls {
namespace {

constexpr const char* kGoodHeader =
    R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[2,10]},)"
    R"("half":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},"none":{"dtype":"I64","shape":[3,0],"data_offsets":[10,10]}})";

/// A safetensors file; its tensors are the bytes 0, 1, 2, …
std::vector<std::byte> file_of(const std::string& header, std::size_t num_bytes, std::uint64_t length) {
  std::vector<std::byte> file(sizeof(length) + header.size() + num_bytes);
  std::memcpy(file.data(), &length, sizeof(length));
  std::memcpy(file.data() + sizeof(length), header.data(), header.size());
  for (std::size_t i = 0; i < num_bytes; ++i) {
    file[sizeof(length) + header.size() + i] = static_cast<std::byte>(i);
  }
  return file;
}

std::vector<std::byte> file_of(const std::string& header, std::size_t num_bytes) {
  return file_of(header, num_bytes, header.size());
}

/// kGoodHeader header_with `from` replaced.
std::string header_with(const std::string& from, const std::string& to) {
  std::string header = kGoodHeader;
  const std::size_t position = header.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return header.replace(position, from.size(), to);
}

TEST(Safetensors, ReadsTensors) {
  std::vector<std::byte> file = file_of(kGoodHeader, 10);
  const auto tensors = parse_safetensors(file).tensors;
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors.at("a").dtype, "F32");
  EXPECT_EQ(tensors.at("a").shape, (TensorShape{2, 1}));
  ASSERT_EQ(tensors.at("a").bytes.size(), 8U);
  EXPECT_EQ(tensors.at("a").bytes[0], std::byte{2});
  EXPECT_EQ(tensors.at("half").shape, TensorShape{});
  EXPECT_EQ(tensors.at("half").bytes.size(), 2U);
  EXPECT_EQ(tensors.at("none").bytes.size(), 0U);
}

TEST(Safetensors, RefusesEveryTruncation) {
  const std::vector<std::byte> whole = file_of(kGoodHeader, 10);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(parse_safetensors(part), Error) << size;
  }
}

TEST(Safetensors, SurvivesAChangeOfAnyByte) {
  const std::vector<std::byte> whole = file_of(kGoodHeader, 10);
  for (std::size_t position = 0; position < whole.size(); ++position) {
    for (const int value : {0, 0x20, 0x22, 0x39, 0x5B, 0x7B, 0xFF}) {
      std::vector<std::byte> changed = whole;
      changed[position] = static_cast<std::byte>(value);
      try {
        std::size_t num_bytes = 0;
        const Safetensors parsed = parse_safetensors(changed);
        for (const auto& [name, tensor] : parsed.tensors) num_bytes += tensor.bytes.size();
        EXPECT_EQ(num_bytes, 10U);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kModel);
      }
    }
  }
}

struct Lie {
  std::string header;
  const char* message;
};

TEST(Safetensors, NamesEachLieOfTheHeader) {
  const std::string deep(2000000, '[');
  const std::vector<Lie> lies = {
      {header_with("\"F32\"", "\"F33\""), "tensor a has dtype \"F33\", which is unknown"},
      {header_with("\"F32\"", "32"), "tensor a has dtype 32, which is unknown"},
      {header_with("\"F32\"", "\"F16\""),
       "tensor a has 8 bytes, and its dtype F16 and shape [2, 1] ask for 4"},
      {header_with("\"dtype\":\"F32\",", ""), "tensor a has no dtype in the header"},
      {header_with("[2,1]", "[2,2]"), "tensor a has 8 bytes, and its dtype F32 and shape [2, 2] ask for 16"},
      {header_with("[2,1]", "2"), "tensor a has shape 2, not a list of sizes"},
      {header_with("[2,1]", "[2,-1]"), "tensor a: a size of its shape is -1, not a size"},
      {header_with("[2,1]", "[2,1.0]"), "tensor a: a size of its shape is 1.0, not a size"},
      {header_with("[2,1]", "[2,1e300]"), "tensor a: a size of its shape is 1e+300, not a size"},
      {header_with("[2,1]", "[18446744073709551615,1]"), "is 18446744073709551615, not a size"},
      {header_with("[2,1]", "[281474976710656,281474976710656]"), "ask for more than any file has"},
      {header_with("[2,10]", "[2]"), "tensor a has data_offsets [2], not a begin and an end"},
      {header_with("[2,10]", "[10,2]"), "tensor a has data_offsets [10,2], and the file has 10 bytes"},
      {header_with("[2,10]", "[3,11]"), "tensor a has data_offsets [3,11], and the file has 10 bytes"},
      {header_with("[2,10]", "[0,8]"), "and the tensor before it ends at byte 2"},
      {header_with("[0,2]", "[8,10]"),
       "begins at byte 2 behind the header, and the tensor before it ends at byte 0"},
      {header_with("\"half\"", "\"a\""), "tensor \"a\" is in the header twice"},
      {header_with("\"shape\":[]", "\"shape\":[[[]]]"), "its header is nested too deeply"},
      {deep, "its header is nested too deeply"},
      {"[]", "its header is not a JSON object"},
      {"{}", "without a tensor"},
      {"{\"a\":7}", "tensor a is 7 in the header, not an object"},
      {"{\"a\":{}}x", "its header is not valid JSON at byte"}};
  for (const Lie& lie : lies) {
    std::vector<std::byte> file = file_of(lie.header, 10);
    expect_error(ErrorKind::kModel, lie.message, [&] { parse_safetensors(file); });
  }
}

TEST(Safetensors, NamesBytesThatNoTensorHas) {
  std::vector<std::byte> file = file_of(kGoodHeader, 11);
  expect_error(ErrorKind::kModel, "has 11 bytes of tensors, and the header names 10",
               [&] { parse_safetensors(file); });
}

TEST(Safetensors, NamesALengthThatTheFileDoesNotHave) {
  for (const std::uint64_t length : {std::uint64_t{1000}, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    std::vector<std::byte> file = file_of(kGoodHeader, 10, length);
    expect_error(ErrorKind::kModel, "its header would be " + std::to_string(length) + " bytes long",
                 [&] { parse_safetensors(file); });
  }
}

TEST(Safetensors, KeepsItsMessagesShort) {
  std::vector<std::byte> file = file_of("{\"" + std::string(1000000, 'x') + "\":7}", 0);
  try {
    parse_safetensors(file);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 500U);
  }
}

}  // namespace
}  // namespace clipcls
