#include "fetch/http_headers.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace clipcls {
namespace {

const std::string kDigest(64, 'a');

GetResponse read(std::initializer_list<std::string> lines) {
  HttpHeaders headers;
  for (const std::string& line : lines) headers.read_line(line + "\r\n");
  return headers.response();
}

TEST(HttpHeaders, ReadsARange) {
  const GetResponse response =
      read({"HTTP/1.1 206 Partial Content", "content-length: 50", "Content-Range: bytes 100-149/150",
            "ETag: \"x\"", "Last-Modified: Mon, 23 Nov 2026 00:00:00 GMT", ""});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.range_start, 100U);
  EXPECT_EQ(response.total_length, 150U);
  EXPECT_EQ(response.etag, "\"x\"");
  EXPECT_EQ(response.last_modified, "Mon, 23 Nov 2026 00:00:00 GMT");
  EXPECT_EQ(response.sha256, "");
}

TEST(HttpHeaders, ReadsARangeThatIsNotThere) {
  const GetResponse response = read({"HTTP/2 416", "content-length: 7", "content-range: bytes */150"});
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.range_start, std::nullopt);
  EXPECT_EQ(response.total_length, 150U);
}

TEST(HttpHeaders, KeepsOfARedirectWhatIsOfTheFile) {
  const GetResponse response =
      read({"HTTP/1.1 302 Found", "X-Linked-ETag: \"" + kDigest + "\"", "X-Linked-Size: 150",
            "X-Repo-Commit: c", "ETag: \"hub\"", "Content-Length: 9", "", "HTTP/1.1 200 OK",
            "Content-Length: 150", "ETag: \"" + std::string(64, 'b') + "\""});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.sha256, kDigest);
  EXPECT_EQ(response.linked_size, 150U);
  EXPECT_EQ(response.commit, "c");
  EXPECT_EQ(response.etag, "\"" + std::string(64, 'b') + "\"");
}

TEST(HttpHeaders, TakesAnEntityTagForAChecksumOnlyFromTheHubItself) {
  EXPECT_EQ(read({"HTTP/1.1 200 OK", "ETag: \"" + kDigest + "\""}).sha256, kDigest);
  EXPECT_EQ(read({"HTTP/1.1 200 OK", "ETag: " + std::string(64, 'A')}).sha256, kDigest);
  EXPECT_EQ(read({"HTTP/1.1 200 OK", "ETag: W/\"" + kDigest + "\""}).sha256, "");
  EXPECT_EQ(read({"HTTP/1.1 200 OK", "ETag: \"" + std::string(40, 'a') + "\""}).sha256, "");
  EXPECT_EQ(read({"HTTP/1.1 302 Found", "", "HTTP/1.1 200 OK", "ETag: \"" + kDigest + "\""}).sha256, "");
}

TEST(HttpHeaders, SurvivesNonsense) {
  const GetResponse response =
      read({"HTTP/", "HTTP/1.1", "HTTP/1.1 abc", ":", "x", "Content-Length: -1", "Content-Range: bytes",
            "Content-Range: bytes 5/x", "X-Linked-Size: 9e9", "X-Linked-Etag: \""});
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.content_length, std::nullopt);
  EXPECT_EQ(response.total_length, std::nullopt);
  EXPECT_EQ(response.linked_size, std::nullopt);
  EXPECT_EQ(response.sha256, "");
}

}  // namespace
}  // namespace clipcls
