#include "pipeline/image_source.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "folder_walk.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class PathSource final : public ImageSource {
 public:
  PathSource(std::vector<std::string> paths, FolderOptions options)
      : paths_(std::move(paths)), options_(std::move(options)) {}

  std::optional<ImageInput> next() override {
    for (;;) {
      if (folder_) {
        if (std::optional<ImageInput> input = folder_->next()) return input;
        const std::string warning = folder_->warning();
        if (!warning.empty() && options_.on_warning) options_.on_warning(warning);
        folder_.reset();
      }
      if (next_ == paths_.size()) return std::nullopt;
      const std::string& path = paths_[next_++];
      if (path == kStdinName) return ImageInput{path, true, std::nullopt};
      std::error_code ignored;
      // A path that does not exist is handed over too: reading it makes the error of its row.
      if (!fs::is_directory(path, ignored)) return ImageInput{path, false, std::nullopt};
      folder_.emplace(path, options_);
    }
  }

  bool is_at_end() const override { return next_ == paths_.size() && !folder_; }

 private:
  std::vector<std::string> paths_;
  FolderOptions options_;
  std::size_t next_ = 0;
  std::optional<FolderWalk> folder_;
};

class SourceChain final : public ImageSource {
 public:
  SourceChain(std::unique_ptr<ImageSource> first, std::unique_ptr<ImageSource> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  std::optional<ImageInput> next() override {
    std::optional<ImageInput> input = first_->next();
    // Without a name and not at its end, the first source is still being written: the second has to wait.
    return input || !first_->is_at_end() ? std::move(input) : second_->next();
  }
  bool is_at_end() const override { return first_->is_at_end() && second_->is_at_end(); }
  void wait(const std::stop_token& stop) override { (first_->is_at_end() ? second_ : first_)->wait(stop); }

 private:
  std::unique_ptr<ImageSource> first_;
  std::unique_ptr<ImageSource> second_;
};

}  // namespace

std::unique_ptr<ImageSource> make_path_source(std::vector<std::string> paths, FolderOptions options) {
  return std::make_unique<PathSource>(std::move(paths), std::move(options));
}

std::unique_ptr<ImageSource> make_source_chain(std::unique_ptr<ImageSource> first,
                                               std::unique_ptr<ImageSource> second) {
  return std::make_unique<SourceChain>(std::move(first), std::move(second));
}

}  // namespace clipcls
