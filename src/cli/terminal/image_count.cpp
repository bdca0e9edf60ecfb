#include "cli/terminal/image_count.h"

#include <exception>
#include <filesystem>
#include <system_error>

namespace clipcls {

ImageCount::ImageCount(const ImageOptions& options) {
  std::error_code ignored;
  if (!options.files_from.empty() && !std::filesystem::is_regular_file(options.files_from, ignored)) return;
  const auto count_names = [this, options] {
    try {
      const std::unique_ptr<ImageSource> images = open_images(options, true, nullptr);
      std::size_t count = 0;
      while (!is_stopped_ && images->next()) ++count;
      if (!is_stopped_) total_ = count;
    } catch (const std::exception&) {
      // The run itself meets the same and says so.
    }
  };
  thread_.start(1, count_names, /*min_count=*/0);
}

ImageCount::~ImageCount() {
  is_stopped_ = true;
  thread_.join();
}

std::optional<std::size_t> ImageCount::total() const {
  const std::size_t total = total_;
  return total == kUnknown ? std::nullopt : std::optional(total);
}

}  // namespace clipcls
