#include "pipeline/shard.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace clipcls {
namespace {

std::vector<std::string> shard_of(const std::vector<std::string>& paths, const Shard& shard) {
  const auto source = take_shard(make_path_source(paths, {}), shard);
  std::vector<std::string> taken;
  while (const std::optional<ImageInput> input = source->next()) taken.push_back(input->path);
  EXPECT_TRUE(source->is_at_end());
  return taken;
}

TEST(ShardTest, TakesEveryNth) {
  const std::vector<std::string> paths = {"a", "b", "c", "d", "e", "a", "-"};
  using Names = std::vector<std::string>;
  EXPECT_EQ(shard_of(paths, {1, 1}), paths);
  EXPECT_EQ(shard_of(paths, {1, 3}), (Names{"a", "d", "-"}));
  EXPECT_EQ(shard_of(paths, {2, 3}), (Names{"b", "e"}));
  EXPECT_EQ(shard_of(paths, {3, 3}), (Names{"c", "a"}));
  EXPECT_EQ(shard_of(paths, {9, 9}), Paths{});
}

/// Gives a path, then nothing yet, and so on.
class HesitantSource final : public ImageSource {
 public:
  std::optional<ImageInput> next() override {
    if (!is_ready_ || is_at_end()) return std::nullopt;
    is_ready_ = false;
    return ImageInput{std::to_string(num_given_++), false, std::nullopt};
  }
  bool is_at_end() const override { return num_given_ == 6; }
  void wait(const std::stop_token& /*stop*/) override { is_ready_ = true; }

 private:
  bool is_ready_ = false;
  int num_given_ = 0;
};

TEST(ShardTest, WaitsAsItsSourceDoes) {
  const auto source = take_shard(std::make_unique<HesitantSource>(), {2, 2});
  std::string taken;
  for (int i = 0; i < 20 && !source->is_at_end(); ++i) {
    source->wait({});
    if (const std::optional<ImageInput> input = source->next()) taken += input->path;
  }
  EXPECT_EQ(taken, "135");
}

}  // namespace
}  // namespace clipcls
