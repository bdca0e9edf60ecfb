#include "cli/results/resumed_source.h"

#include <utility>

namespace clipcls {
namespace {

class ResumedSource final : public ImageSource {
 public:
  ResumedSource(std::unique_ptr<ImageSource> images, ResumableFile& file)
      : images_(std::move(images)), file_(file) {}

  std::optional<ImageInput> next() override {
    for (;;) {
      std::optional<ImageInput> input = images_->next();
      if (!input) return input;
      if (file_.claim_row(input->path)) continue;
      file_.note_image(input->path);
      return input;
    }
  }
  bool is_at_end() const override { return images_->is_at_end(); }
  void wait(const std::stop_token& stop) override { images_->wait(stop); }

 private:
  std::unique_ptr<ImageSource> images_;
  ResumableFile& file_;
};

}  // namespace

std::unique_ptr<ImageSource> skip_finished_images(std::unique_ptr<ImageSource> images, ResumableFile& file) {
  return std::make_unique<ResumedSource>(std::move(images), file);
}

}  // namespace clipcls
