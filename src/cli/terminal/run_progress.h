#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/terminal/image_count.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/terminal_line.h"
#include "cli/terminal/ticker.h"
#include "pipeline/image_result.h"

namespace clipcls {

/// What a run shows.
struct RunDisplay {
  bool is_quiet = false;        ///< no summary
  bool is_verbose = false;      ///< a summary also of one image
  bool shows_progress = false;  ///< how far it is
  /// Opens the images once more to count them; null where their number is not shown.
  std::function<std::unique_ptr<ImageSource>()> open_to_count{};
  std::string how_to_resume{};  ///< the command that does what an interruption leaves; empty: none does
};

/// A run over images as its user sees it on standard error: a line for each that failed, how far it is, drawn
/// anew ten times a second, and a summary, unless it was one image. While it lives, signals request a stop.
class RunProgress {
 public:
  /// `verb` is what becomes of an image: "classified". Of the images, `num_kept` have been dealt with by an
  /// earlier run, and `num_failed` of those failed.
  RunProgress(const RunDisplay& display, std::string verb, std::size_t num_kept = 0,
              std::size_t num_failed = 0);

  /// `is_done`: nothing else went wrong with it.
  void count(const ImageResult& result, bool is_done = true);

  /// Something went wrong that belongs to no image.
  void note_failure() { has_other_failure_ = true; }

  std::stop_token stop_token() const { return interruption_.stop_token(); }

  /// Images counted by this run.
  std::size_t num_done() const { return num_done_; }
  bool has_failures() const { return num_failed_ > 0; }

  /// Prints the summary and returns the exit code: 0, 1 when an image failed, 128 and more after a signal.
  int finish();

 private:
  using Clock = std::chrono::steady_clock;

  double seconds() const;
  double rate() const;
  void draw();
  /// The images in all; none: not known.
  std::optional<std::size_t> total();
  std::string summary();

  RunDisplay display_;
  std::string verb_;
  std::size_t num_kept_;
  std::size_t num_failed_before_;
  std::atomic<std::size_t> num_failed_;
  std::atomic<std::size_t> num_done_ = 0;  ///< by this run
  bool has_other_failure_ = false;
  Clock::time_point start_ = Clock::now();
  Interruption interruption_;
  TerminalLine line_;
  std::optional<ImageCount> count_;
  std::optional<Ticker> ticker_;  // the last: it draws from the others
};

}  // namespace clipcls
