#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "clipcls/fetch/download.h"

namespace clipcls {

/// "338 MB": decimal units, three digits.
std::string format_bytes(std::uint64_t num_bytes);

/// How far a download is: one line on standard error that is rewritten, where that is a terminal; else
/// nothing.
class ProgressLine {
 public:
  explicit ProgressLine(bool is_quiet);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ProgressLine(ProgressLine&&) = delete;
  ProgressLine& operator=(ProgressLine&&) = delete;

  void show(const DownloadProgress& progress);
  /// Takes the line away, before something else is printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool is_shown_;
  bool is_dirty_ = false;
  std::string file_;
  Clock::time_point next_;   ///< no redrawing before
  Clock::time_point start_;  ///< of the speed's window
  std::uint64_t start_bytes_ = 0;
};

}  // namespace clipcls
