#include "cli/terminal/run_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/terminal/message.h"

namespace clipcls {
RunProgress::RunProgress(const RunDisplay& display, std::string verb, std::size_t num_kept,
                         std::size_t num_failed)
    : verb_(std::move(verb)),
      is_quiet_(display.is_quiet),
      num_kept_(num_kept),
      num_failed_(num_failed),
      line_(display.shows_progress) {
  if (!display.shows_progress) return;
  count_.emplace(display.open_to_count);
  ticker_.emplace([this] { draw(); });
}

void RunProgress::count(const ImageResult& result, bool is_done) {
  ++num_done_;
  if (result.error || !is_done) ++num_failed_;
  if (!result.error) return;
  print_failure(result.path + ": " + result.error->what());
}

double RunProgress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double RunProgress::rate() const { return static_cast<double>(num_done_) / std::max(seconds(), 1e-9); }

void RunProgress::draw() {
  const std::size_t num_done = num_kept_ + num_done_;
  const std::size_t total = std::max(count_->total().value_or(0), num_done);
  const bool is_known = total > num_done;
  std::string text = std::to_string(num_done) + (is_known ? " / " + std::to_string(total) : "") + " images";
  if (is_known) text += "  " + std::to_string(100 * num_done / total) + "%";
  if (seconds() > kMinMeasuredSeconds && num_done > num_kept_) {
    text += "  " + fmt::format("{:.1f} images/s", rate());
    if (is_known) text += "  " + format_duration(static_cast<double>(total - num_done) / rate()) + " left";
  }
  line_.show(text + "  " + std::to_string(num_failed_) + " failed");
}

int RunProgress::finish() {
  ticker_.reset();
  TerminalLine::clear();
  const std::size_t num_images = num_kept_ + num_done_;
  if (!is_quiet_) {
    print_message((Interruption::has_happened() ? "interrupted; " : "") + std::to_string(num_images) +
                  (num_images == 1 ? " image" : " images") +
                  (num_kept_ > 0 ? " (" + std::to_string(num_kept_) + " of them kept from before)" : "") +
                  ", " + std::to_string(num_images - num_failed_) + " " + verb_ + ", " +
                  std::to_string(num_failed_) + " failed, " + fmt::format("{:.1f} s, ", seconds()) +
                  fmt::format("{:.1f} images/s", rate()));
  }
  if (Interruption::has_happened()) return Interruption::exit_code();
  return num_failed_ == 0 && !has_other_failure_ ? 0 : 1;
}

}  // namespace clipcls
