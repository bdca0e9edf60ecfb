#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "base/threads.h"
#include "pipeline/image_source.h"

namespace clipcls {

/// Counts the images of a run on a thread of its own: names alone, which takes a second for a million.
class ImageCount {
 public:
  /// `open`: null where the images cannot be gone through twice.
  explicit ImageCount(std::function<std::unique_ptr<ImageSource>()> open);

  /// None: not known yet, or never, as for a list that can be read only once.
  std::optional<std::size_t> total() const;

 private:
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

  std::atomic<std::size_t> total_ = kUnknown;
  ThreadGroup thread_;  // the last member: it ends before what it counts into is gone
};

}  // namespace clipcls
