#include "image/decode/inflate.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

using Content = std::vector<std::uint8_t>;

Content numbers(std::size_t size) {
  Content content(size);
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::uint8_t>(i * i % 251);
  return content;
}

// Sizes around those of a stored block.
TEST(Inflate, WhatIsStoredComesBack) {
  for (const std::size_t size : {0U, 1U, 65534U, 65535U, 65536U, 200000U}) {
    const Content content = numbers(size);
    const Content stream = store_as_zlib(content);
    EXPECT_EQ(inflate_at_most(stream, size), content) << size;
    Content exact(size);
    EXPECT_EQ(inflate_exactly(stream, exact), InflateOutcome::kWhole) << size;
    EXPECT_EQ(exact, content) << size;
  }
}

TEST(Inflate, MoreThanTheLimitIsNothing) {
  const Content stream = store_as_zlib(numbers(100000));
  EXPECT_TRUE(inflate_at_most(stream, 100000));
  EXPECT_FALSE(inflate_at_most(stream, 99999));
  EXPECT_FALSE(inflate_at_most(stream, 0));
}

TEST(Inflate, AStreamThatEndsEarlyGivesWhatThereIs) {
  const Content content = numbers(1000);
  const Content stream = store_as_zlib(content);
  const Bytes without_checksum = Bytes(stream).first(stream.size() - 4);
  EXPECT_EQ(inflate_at_most(without_checksum, 1000), content);
  Content exact(1000);
  EXPECT_EQ(inflate_exactly(without_checksum, exact), InflateOutcome::kWhole);
  EXPECT_EQ(inflate_exactly(Bytes(stream).first(stream.size() - 5), exact), InflateOutcome::kEndsEarly);
  EXPECT_EQ(inflate_exactly({}, exact), InflateOutcome::kEndsEarly);
  Content more(1001);
  EXPECT_EQ(inflate_exactly(stream, more), InflateOutcome::kEndsEarly);
}

TEST(Inflate, DamageIsSeenInTheChecksum) {
  Content stream = store_as_zlib(numbers(1000));
  stream[500] ^= 1;
  Content exact(1000);
  EXPECT_EQ(inflate_exactly(stream, exact), InflateOutcome::kDamaged);
  EXPECT_FALSE(inflate_at_most(stream, 1000));
  EXPECT_FALSE(inflate_at_most(numbers(100), 1000));
}

}  // namespace
}  // namespace clipcls
