#include "pipeline/shard.h"

#include <utility>

namespace clipcls {
namespace {

class ShardSource final : public ImageSource {
 public:
  ShardSource(std::unique_ptr<ImageSource> images, const Shard& shard)
      : images_(std::move(images)), shard_(shard) {}

  std::optional<ImageInput> next() override {
    while (std::optional<ImageInput> input = images_->next()) {
      // By turns and not in blocks: the number of images need not be known, and each shard gets a like mix of
      // them.
      const bool is_ours = place_ % shard_.num_shards == shard_.index - 1;
      ++place_;
      if (is_ours) return input;
    }
    return std::nullopt;
  }
  bool is_at_end() const override { return images_->is_at_end(); }
  void wait(const std::stop_token& stop) override { images_->wait(stop); }

 private:
  std::unique_ptr<ImageSource> images_;
  Shard shard_;
  std::size_t place_ = 0;  ///< of the next image of all
};

}  // namespace

std::unique_ptr<ImageSource> take_shard(std::unique_ptr<ImageSource> images, const Shard& shard) {
  return std::make_unique<ShardSource>(std::move(images), shard);
}

}  // namespace clipcls
