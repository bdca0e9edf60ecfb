#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/terminal/terminal_line.h"
#include "fetch/download.h"

namespace clipcls {

/// How far a download is, where standard error is a terminal.
class DownloadProgressLine {
 public:
  explicit DownloadProgressLine(bool is_quiet) : line_(!is_quiet && TerminalLine::stderr_is_terminal()) {}

  void show(const DownloadProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  TerminalLine line_;
  std::string file_;
  Clock::time_point start_;  ///< of the speed's window
  std::uint64_t start_bytes_ = 0;
};

}  // namespace clipcls
