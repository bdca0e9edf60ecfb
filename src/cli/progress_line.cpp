#include "progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

namespace clipcls {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval(100);
constexpr double kMinMeasuredSeconds = 0.5;  // a speed of less would jump about
constexpr int kDefaultColumns = 80;
constexpr const char* kClearLine = "\r\x1B[K";

int terminal_columns() {
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kDefaultColumns;
}

std::string format_time_left(double seconds) {
  std::array<char, 32> text{};
  const auto whole = static_cast<long long>(std::min(seconds, 359999.0));
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld left", whole / 3600, whole / 60 % 60,
                  whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld left", whole / 60, whole % 60);
  }
  return text.data();
}

}  // namespace

std::string format_bytes(std::uint64_t num_bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(num_bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  const int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, kUnits[unit]);
  return text.data();
}

ProgressLine::ProgressLine(bool is_quiet) : is_shown_(!is_quiet && isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const DownloadProgress& progress) {
  const auto now = Clock::now();
  if (!is_shown_ || now < next_) return;
  if (progress.file != file_ || progress.num_received < start_bytes_) {
    file_ = progress.file;
    start_ = now;
    start_bytes_ = progress.num_received;
  }
  next_ = now + kRedrawInterval;

  std::string line = format_bytes(progress.num_received);
  if (progress.num_total > 0) {
    line += " of " + format_bytes(progress.num_total) + "  " +
            std::to_string(100 * progress.num_received / progress.num_total) + " %";
  }
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double speed = static_cast<double>(progress.num_received - start_bytes_) / std::max(seconds, 1e-9);
  if (seconds > kMinMeasuredSeconds && speed > 0) {
    line += "  " + format_bytes(static_cast<std::uint64_t>(speed)) + "/s";
    if (progress.num_total > progress.num_received) {
      line +=
          "  " + format_time_left(static_cast<double>(progress.num_total - progress.num_received) / speed);
    }
  }
  // The last column stays free: writing it makes some terminals go to the next line. A narrow one loses the
  // name first, then the end.
  const auto columns = static_cast<std::size_t>(std::max(1, terminal_columns() - 1));
  if (file_.size() + 2 + line.size() <= columns) line = file_ + "  " + line;
  line.resize(std::min(line.size(), columns));
  std::cerr << kClearLine + line << std::flush;
  is_dirty_ = true;
}

void ProgressLine::clear() {
  if (is_dirty_) std::cerr << kClearLine << std::flush;
  is_dirty_ = false;
}

}  // namespace clipcls
