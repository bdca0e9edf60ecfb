#include "cli/terminal/download_progress.h"

#include <algorithm>

#include "text_output/format_number.h"

namespace clipcls {

void DownloadProgressLine::show(const DownloadProgress& progress) {
  if (!line_.is_due()) return;
  const auto now = Clock::now();
  if (progress.file != file_ || progress.num_received < start_bytes_) {
    file_ = progress.file;
    start_ = now;
    start_bytes_ = progress.num_received;
  }

  std::string line = format_bytes(progress.num_received);
  if (progress.num_total > 0) {
    line += " of " + format_bytes(progress.num_total) + "  " +
            std::to_string(100 * progress.num_received / progress.num_total) + "%";
  }
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double speed = static_cast<double>(progress.num_received - start_bytes_) / std::max(seconds, 1e-9);
  if (seconds > kMinMeasuredSeconds && speed > 0) {
    line += "  " + format_bytes(static_cast<std::uint64_t>(speed)) + "/s";
    if (progress.num_total > progress.num_received) {
      line += "  " +
              format_duration(static_cast<double>(progress.num_total - progress.num_received) / speed) +
              " left";
    }
  }
  line_.show(line, file_);
}

}  // namespace clipcls
