#include "cli/results/picture_states.h"

#include <sys/stat.h>

#include <charconv>
#include <vector>

#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "files/file_descriptor.h"
#include "files/output_target.h"
#include "report/table_cells.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

fs::path states_file(const fs::path& rows) { return rows.string() + kPicturesEnding; }

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

std::string line_of(const std::string& path, const PictureState& state) {
  return write_record({path, std::to_string(state.num_bytes), std::to_string(state.modified)},
                      ReportFormat::kTsv);
}

}  // namespace

std::optional<PictureState> state_of_picture(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return PictureState{static_cast<std::uint64_t>(status.st_size),
                      status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

PictureStates::PictureStates(const fs::path& rows) {
  if (const auto state = state_of_picture(rows.string())) rows_modified_ = state->modified;
  std::ifstream file(states_file(rows), std::ios::binary);
  for (std::string line; std::getline(file, line) && !file.eof();) {
    const auto cells = read_record(line, ReportFormat::kTsv);
    PictureState state;
    if (!cells || cells->size() != 3) continue;
    if (read_number(cells->at(1), state.num_bytes) && read_number(cells->at(2), state.modified))
      states_[cells->front()] = state;
  }
}

bool PictureStates::has_changed(const std::string& path) {
  const std::optional<PictureState> now = state_of_picture(path);
  if (!now) return false;
  const auto known = states_.find(path);
  if (known != states_.end()) return known->second != *now;
  ++num_unknown_;
  if (now->modified > rows_modified_) return true;
  states_.emplace(path, *now);
  return false;
}

void PictureStates::begin(const fs::path& rows) {
  std::string text = kPictureStatesHead;
  for (const auto& [path, state] : states_) text += line_of(path, state);
  const fs::path path = states_file(rows);
  write_file(path, text, Links::kReplaced);
  file_.open(path, std::ios::binary | std::ios::app);
  if (!file_) throw cannot_be_written(path);
}

void PictureStates::note(const std::string& path) {
  // One that is missing is noted as such: when it is there again, it has changed.
  file_ << line_of(path, state_of_picture(path).value_or(PictureState{})) << std::flush;
}

}  // namespace clipcls
