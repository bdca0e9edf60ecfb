#include "cli/terminal/run_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/terminal/message.h"
#include "cli/terminal/terminal_abilities.h"
#include "text_output/display_text.h"
#include "text_output/terminal_text.h"

namespace clipcls {
namespace {

constexpr int kBarColumns = 10;

/// "[=====     ]"
std::string framed_bar(double share, bool is_utf8) {
  const std::string drawn = bar(share, kBarColumns, is_utf8);
  return "[" + drawn + padding(display_width(drawn), kBarColumns) + "]";
}

std::string number_of_images(std::size_t number) {
  return std::to_string(number) + (number == 1 ? " image" : " images");
}

}  // namespace

RunProgress::RunProgress(const RunDisplay& display, std::string verb, std::size_t num_kept,
                         std::size_t num_failed)
    : display_(display),
      verb_(std::move(verb)),
      num_kept_(num_kept),
      num_failed_before_(num_failed),
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
  const double share = static_cast<double>(num_done) / static_cast<double>(std::max<std::size_t>(total, 1));
  line_.show(text + "  " + std::to_string(num_failed_) + " failed",
             is_known ? framed_bar(share, is_utf8_locale()) : "");
}

std::optional<std::size_t> RunProgress::total() {
  if (!count_ && display_.open_to_count) {
    // Names alone: a moment does for most folders, and whoever ends a program does not wait for more.
    constexpr std::chrono::milliseconds kMoment(20);
    constexpr int kMaxMoments = 50;
    count_.emplace(display_.open_to_count);
    for (int i = 0; i < kMaxMoments && !count_->total(); ++i) std::this_thread::sleep_for(kMoment);
  }
  return count_ ? count_->total() : std::nullopt;
}

std::string RunProgress::summary() {
  const std::size_t num_images = num_kept_ + num_done_;
  std::string text = number_of_images(num_images);
  if (Interruption::has_happened()) {
    const std::optional<std::size_t> all = total();
    if (all && *all >= num_images) text = std::to_string(num_images) + " of " + number_of_images(*all);
    text = "interrupted; " + text;
  }
  if (num_kept_ > 0) text += " (" + std::to_string(num_kept_) + " of them kept from before)";
  text += ", " + std::to_string(num_images - num_failed_) + " " + verb_ + ", " + std::to_string(num_failed_) +
          " failed";
  // What has failed, or was there before, took no time that says anything.
  const std::size_t num_classified = num_done_ - (num_failed_ - num_failed_before_);
  if (num_done_ > 0) text += fmt::format(", {:.1f} s", seconds());
  if (num_classified > 0) {
    text += fmt::format(", {:.1f} images/s", static_cast<double>(num_classified) / std::max(seconds(), 1e-9));
  }
  return text;
}

int RunProgress::finish() {
  ticker_.reset();
  TerminalLine::clear();
  const bool is_interrupted = Interruption::has_happened();
  const bool is_one_image = num_kept_ == 0 && num_done_ == 1 && !is_interrupted && !display_.is_verbose;
  if (!display_.is_quiet && !is_one_image) {
    print_message(summary());
    if (is_interrupted && !display_.how_to_resume.empty())
      print_text("clipcls: to do the others: " + display_.how_to_resume + "\n");
  }
  if (is_interrupted) return Interruption::exit_code();
  return num_failed_ == 0 && !has_other_failure_ ? 0 : 1;
}

}  // namespace clipcls
