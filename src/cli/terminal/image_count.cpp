#include "cli/terminal/image_count.h"

#include <exception>
#include <utility>

namespace clipcls {

ImageCount::ImageCount(std::function<std::unique_ptr<ImageSource>()> open) {
  if (!open) return;
  const auto count_names = [this, open = std::move(open)](const std::stop_token& stop) {
    try {
      const std::unique_ptr<ImageSource> images = open();
      std::size_t count = 0;
      while (!stop.stop_requested() && images->next()) ++count;
      if (!stop.stop_requested()) total_ = count;
    } catch (const std::exception&) {
      // The run itself meets the same and says so.
    }
  };
  thread_.start(1, count_names, /*min_count=*/0);
}

std::optional<std::size_t> ImageCount::total() const {
  const std::size_t total = total_;
  return total == kUnknown ? std::nullopt : std::optional(total);
}

}  // namespace clipcls
