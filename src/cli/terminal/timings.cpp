#include "cli/terminal/timings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>

#include "cli/terminal/message.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

double seconds_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// From proc(5): field 22 of /proc/self/stat, in ticks of 10 ms as a rule. Where there is no such file, now.
double process_start() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return seconds_since_boot();
  std::istringstream fields(text.substr(end_of_name + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  return std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double seconds_since_start() {
  static const double start = process_start();
  return seconds_since_boot() - start;
}

std::string format(double seconds) { return fmt::format("{:8.3f}", seconds); }

double seconds(const std::atomic<std::int64_t>& nanoseconds) {
  return static_cast<double>(nanoseconds.load()) / 1e9;
}

}  // namespace

Timings::Timings() { mark("start of the process: libraries"); }

void Timings::mark(const std::string& stage) {
  const double now = seconds_since_start();
  stages_.emplace_back(stage, now - last_);
  last_ = now;
}

void Timings::print() const {
  std::vector<std::vector<std::string>> rows = {{"stage", " seconds"}};
  for (const auto& [stage, duration] : stages_) rows.push_back({stage, format(duration)});
  rows.push_back({"total", format(last_)});
  rows.push_back({"summed over threads:", ""});
  rows.push_back({"  images read, decoded, resized", format(seconds(encoding_.loading_nanoseconds))});
  rows.push_back({"  images encoded", format(seconds(encoding_.encoding_nanoseconds))});
  std::ostringstream table;
  write_text_table(table, rows);
  print_text(table.str());
}

}  // namespace clipcls
