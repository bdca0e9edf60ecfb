#include "base/content_hash.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(ContentHash, IsXxh3) {
  EXPECT_EQ(ContentHash().hex_digest(), "99aa06d3014798d86001c324468d497f");  // the library's own test value
}

TEST(ContentHash, TextsKeepTheirBoundaries) {
  ContentHash first;
  first.add_text("ab");
  first.add_text("c");
  ContentHash second;
  second.add_text("a");
  second.add_text("bc");
  EXPECT_NE(first.hex_digest(), second.hex_digest());
}

TEST(ContentHash, BytesDoNot) {
  const std::string text = "abc";
  const auto bytes = std::as_bytes(std::span(text));
  ContentHash first;
  first.add_bytes(bytes);
  ContentHash second;
  second.add_bytes(bytes.first(2));
  second.add_bytes(bytes.subspan(2));
  EXPECT_EQ(first.hex_digest(), second.hex_digest());
}

}  // namespace
}  // namespace clipcls
