#include "base/closest_word.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(ClosestWord, IsTheOneWithTheFewestTypos) {
  const std::vector<std::string> words = {"serve", "embed", "eval", "cifar100", "cifar10", "--top-k"};
  EXPECT_EQ(closest_word("sever", words), "serve");
  EXPECT_EQ(closest_word("evla", words), "eval");
  EXPECT_EQ(closest_word("emed", words), "embed");
  EXPECT_EQ(closest_word("CIFAR-100", words), "cifar100");
  EXPECT_EQ(closest_word("--topk", words), "--top-k");
  EXPECT_EQ(closest_word("--top_k", words), "--top-k");
}

TEST(ClosestWord, AWordThatIsFarIsNone) {
  const std::vector<std::string> words = {"serve", "eval"};
  for (const char* word : {"", "-", "x", "photos", "holiday.jpg", "map"})
    EXPECT_EQ(closest_word(word, words), "") << word;
  EXPECT_EQ(closest_word(std::string(100'000, 'e'), words), "");
  EXPECT_EQ(closest_word("eval", {}), "");
  EXPECT_EQ(closest_word("--batch-size", {"--cache-size"}), "");
}

TEST(ClosestWord, AMessageEndsInIt) {
  EXPECT_EQ(perhaps_meant("evla", {"eval"}), "; perhaps eval is meant");
  EXPECT_EQ(perhaps_meant("photos", {"eval"}), "");
}

}  // namespace
}  // namespace clipcls
