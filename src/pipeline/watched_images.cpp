#include <utility>

#include "pipeline/image_source.h"

namespace clipcls {
namespace {

class WatchedImages final : public ImageSource {
 public:
  WatchedImages(std::unique_ptr<ImageSource> images, std::function<void(const ImageInput&)> on_input)
      : images_(std::move(images)), on_input_(std::move(on_input)) {}

  std::optional<ImageInput> next() override {
    std::optional<ImageInput> input = images_->next();
    if (input) on_input_(*input);
    return input;
  }
  bool is_at_end() const override { return images_->is_at_end(); }
  void wait(const std::stop_token& stop) override { images_->wait(stop); }

 private:
  std::unique_ptr<ImageSource> images_;
  std::function<void(const ImageInput&)> on_input_;
};

class RequiredImages final : public ImageSource {
 public:
  RequiredImages(std::unique_ptr<ImageSource> images, std::string message)
      : images_(std::move(images)), message_(std::move(message)), first_(take()) {}

  // The first image is taken in the constructor, so that an empty source is an error at once.
  std::optional<ImageInput> next() override { return first_ ? std::exchange(first_, std::nullopt) : take(); }
  bool is_at_end() const override { return !first_ && has_some_ && images_->is_at_end(); }
  void wait(const std::stop_token& stop) override {
    if (!first_) images_->wait(stop);
  }

 private:
  std::optional<ImageInput> take() {
    std::optional<ImageInput> input = images_->next();
    has_some_ = has_some_ || input;
    // No image and not at its end: a list that is still being written, of which nothing is known yet.
    if (!has_some_ && images_->is_at_end()) throw Error(ErrorKind::kInvalidArgument, message_);
    return input;
  }

  std::unique_ptr<ImageSource> images_;
  std::string message_;
  bool has_some_ = false;
  std::optional<ImageInput> first_;  // the last: it is taken by the others
};

}  // namespace

std::unique_ptr<ImageSource> watch_images(std::unique_ptr<ImageSource> images,
                                          std::function<void(const ImageInput&)> on_input) {
  return std::make_unique<WatchedImages>(std::move(images), std::move(on_input));
}

std::unique_ptr<ImageSource> require_an_image(std::unique_ptr<ImageSource> images, std::string message) {
  return std::make_unique<RequiredImages>(std::move(images), std::move(message));
}

}  // namespace clipcls
