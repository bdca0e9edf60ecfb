#include "serve/multipart.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(MultipartTest, GivesNamesFilesAndData) {
  const std::string body =
      "a preamble\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a \\\"b\\\".png\"\r\n"
      "Content-Type: image/png\r\n\r\n\r\nx--b is no boundary\r\n\r\n--b \r\n"
      "content-disposition:form-data;name=label\r\n\r\n\r\n--b--\r\nan epilogue";
  const std::vector<FormPart> parts = parse_multipart(body, "b", 2);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name, "image");
  EXPECT_EQ(parts[0].filename, "a \"b\".png");
  EXPECT_EQ(parts[0].data, "\r\nx--b is no boundary\r\n");
  EXPECT_EQ(parts[1].name, "label");
  EXPECT_FALSE(parts[1].filename);
  EXPECT_EQ(parts[1].data, "");
}

TEST(MultipartTest, DataMayHoldAnything) {
  const std::string data("\0\r\n--\r\n-b\r\n--c\r\n", 17);
  const std::string body = "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n" + data + "\r\n--b--";
  const std::vector<FormPart> parts = parse_multipart(body, "b", 5);  // its parts are views of the body
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].data, data);
}

TEST(MultipartTest, RefusesWhatIsNone) {
  const std::string part = "--b\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n";
  for (const std::string& body :
       {std::string(""), std::string("--c--"), part, part + "--b", part + "--b\r\n",
        std::string("--b\r\nno empty line\r\n--b--"), std::string("--b\r\n\r\nv\r\n--b--"),
        std::string("--b\r\nContent-Type: x; name=x\r\n\r\nv\r\n--b--")}) {
    expect_error(ErrorKind::kInvalidArgument, "the body is not multipart/form-data",
                 [&] { parse_multipart(body, "b", 5); });
  }
  expect_error(ErrorKind::kInvalidArgument, "more than 1 parts",
               [&] { parse_multipart(part + part + "--b--", "b", 1); });
}

/// Every cut of a body is refused or parsed, and nothing is read beyond it (the sanitizers see to that).
TEST(MultipartTest, StandsEveryCut) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"y\\\"\"\r\n\r\nv\r\n--b--";
  std::size_t num_parsed = 0;
  for (std::size_t length = 0; length <= body.size(); ++length) {
    const std::string cut(body.data(), length);
    try {
      num_parsed += parse_multipart(cut, "b", 5).size();
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(num_parsed, 1U);
}

TEST(MultipartTest, FindsParametersOfHeaders) {
  EXPECT_EQ(header_parameter("multipart/form-data; charset=utf-8; Boundary=\"a;b\"", "boundary"), "a;b");
  EXPECT_EQ(header_parameter("multipart/form-data; boundary=x y ; z=1", "boundary"), "x y");
  EXPECT_EQ(header_parameter("form-data; filename=\"name=q\"; name=\"n\"", "name"), "n");
  EXPECT_FALSE(header_parameter("multipart/form-data", "boundary"));
  EXPECT_FALSE(header_parameter("multipart/form-data; boundary", "boundary"));
}

}  // namespace
}  // namespace clipcls
