#include "cli/results/resumable_file.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "cli/results/output_file.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "files/file_descriptor.h"
#include "files/file_lock.h"
#include "files/put_in_place.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

[[noreturn]] void fail(const fs::path& path, const std::string& problem) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + problem);
}

fs::path settings_file(const fs::path& rows) { return rows.string() + kSettingsEnding; }

fs::path pictures_file(const fs::path& rows) { return rows.string() + kPicturesEnding; }

/// What becomes the partial file when it has all rows that are kept.
fs::path kept_file(const fs::path& partial) { return partial.string() + ".kept"; }

/// Appends `range` of a file to another one; false: it could not be read or written.
bool copy_bytes(std::ifstream& from, const ByteRange& range, int to) {
  constexpr std::uint64_t kMaxBytes = 1U << 20U;
  std::string bytes;
  from.seekg(static_cast<std::streamoff>(range.begin));
  for (std::uint64_t position = range.begin; position < range.end; position += bytes.size()) {
    bytes.resize(std::min(kMaxBytes, range.end - position));
    if (!from.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return false;
    if (write_all(to, bytes) != 0) return false;
  }
  return true;
}

/// Compares `settings` with those that `rows` were made with, as far as both name them. False: those are not
/// known.
bool require_settings(const fs::path& rows, const RunSettings& settings) {
  std::ifstream file(settings_file(rows), std::ios::binary);
  const auto known = nlohmann::json::parse(file, nullptr, false);
  if (!known.is_object()) return false;
  for (const auto& [name, value, earlier_value] : settings) {
    if (!known.contains(name) || !known[name].is_string() || known[name] == value) continue;
    if (!earlier_value.empty() && known[name] == earlier_value) continue;
    std::string problem = "its rows were made with another ";
    problem.append(name).append(" (").append(known[name].get<std::string>()).append(", now ").append(value);
    fail(rows, problem.append("); give what was given then, or another --output"));
  }
  return true;
}

bool holds_something(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) > 0 && !error;
}

}  // namespace

bool ResumableFile::can_hold(const OutputTarget& target, ReportFormat format) {
  return !target.is_standard_output() && !target.is_stream() &&
         (is_table(format) || format == ReportFormat::kJsonl);
}

ResumableFile::ResumableFile(const OutputTarget& target, ReportFormat format, bool is_resumed,
                             const RowsToRedo& redone, const ReportOptions& report, RunSettings settings,
                             OnMessage on_warning)
    : target_(target),
      path_(target.path()),
      partial_(target.beside(kPartialEnding, OutputKind::kResults).path()),
      is_resumed_(is_resumed),
      num_header_lines_(is_table(format) ? 1 : 0),
      settings_(std::move(settings)),
      on_warning_(std::move(on_warning)) {
  const std::string settings_ending = kSettingsEnding;
  for (const std::string& ending : {settings_ending, kPartialEnding + settings_ending})
    static_cast<void>(target.beside(ending, OutputKind::kRunSettings));
  const std::string pictures_ending = kPicturesEnding;
  for (const std::string& ending : {pictures_ending, kPartialEnding + pictures_ending})
    static_cast<void>(target.beside(ending, OutputKind::kPictureStates));
  const bool is_new = !fs::exists(partial_);
  lock();
  if (is_new) {  // a run that is ended while its model loads leaves no file
    fs::remove(partial_);
    unlock();
  }
  if (!is_resumed_) return;
  try {
    read_rows(format, report, redone);
    target_.require_replaceable();
  } catch (...) {
    unlock();
    throw;
  }
}

void ResumableFile::lock() {
  for (;;) {
    FileDescriptor file = open_file(partial_, O_RDWR | O_CREAT);
    if (!file.is_open()) throw cannot_be_made(path_);
    if (!try_lock(file.number())) fail(path_, "another clipcls is writing it");
    // The run that held the lock may have given the file its name in between.
    if (!is_same_file(file.number(), partial_)) continue;
    lock_ = std::move(file);
    return;
  }
}

void ResumableFile::unlock() { lock_.close(); }

const fs::path& ResumableFile::file_of_rows() const { return holds_something(partial_) ? partial_ : path_; }

void ResumableFile::read_rows(ReportFormat format, const ReportOptions& report, const RowsToRedo& redone) {
  const fs::path& from = file_of_rows();
  // Where they are kept, they are kept whole, also by a run that asks for no changes.
  if (redone.are_changed || fs::exists(pictures_file(from))) pictures_.emplace(from);
  if (!holds_something(from)) return;
  are_settings_known_ = require_settings(from, settings_);
  std::ifstream file(from, std::ios::binary);
  try {
    const IsRedone is_redone = [&](const std::string& path, bool has_failed) {
      if (!redone.paths.contains(path)) return false;
      return (redone.are_errors && has_failed) || (redone.are_changed && pictures_->has_changed(path));
    };
    rows_ = read_report_rows(file, format, report, redone.is_any() ? is_redone : IsRedone());
  } catch (const Error& error) {
    fail(from, std::string(error.what()) + "; --resume cannot resume it");
  }
  if (pictures_ && pictures_->num_unknown() > 0) {
    on_warning_(
        from.string() + ": of " + std::to_string(pictures_->num_unknown()) +
        " images it is not known how large and how old they were; those that are newer than this file are "
        "done again");
  }
  if (are_settings_known_) return;
  on_warning_(from.string() + ": " + settings_file(from).filename().string() +
              " is missing, so that the model and labels of its rows are unknown; they are kept as they are");
}

bool ResumableFile::claim_row(const std::string& path) {
  const auto found = rows_.num_rows.find(path);
  if (found == rows_.num_rows.end() || found->second == 0) return false;
  --found->second;
  return true;
}

void ResumableFile::note_image(const std::string& path) {
  if (pictures_) pictures_->note(path);
}

void ResumableFile::keep_rows() {
  const fs::path kept = kept_file(partial_);
  FileDescriptor file = open_file(kept, O_RDWR | O_CREAT | O_TRUNC);
  // Its lock is taken before it has the name, so that no other run comes in between.
  if (!file.is_open() || !try_lock(file.number())) throw cannot_be_written(kept);
  target_.keep_mode(file.number());
  std::ifstream from(file_of_rows(), std::ios::binary);
  ByteRange range;
  bool is_copied = true;
  for (const ByteRange& redone : rows_.redone) {
    range.end = redone.begin;
    is_copied = is_copied && copy_bytes(from, range, file.number());
    range.begin = redone.end;
  }
  range.end = rows_.num_bytes;
  if (!is_copied || !copy_bytes(from, range, file.number()) || flush_to_disk(file.number()) != 0)
    fail(kept, "writing failed; is the disk full?");
  if (rename_replacing(kept, partial_) != 0) fail(partial_, "cannot be replaced");
  lock_ = std::move(file);
}

void ResumableFile::begin(const RunSettings& model) {
  if (rows_.num_bytes > 0) require_settings(file_of_rows(), model);
  if (!lock_.is_open()) lock();
  has_begun_ = true;
  target_.keep_mode(lock_.number());
  if (rows_.num_bytes == 0) resize_rows();  // others' rows go before the settings of ours come
  write_settings(model);
  if (pictures_) pictures_->begin(partial_);
  // Behind what is known of them, and all at once: wherever the run ends, the next one finds the rows of the
  // last, and their settings.
  if (!rows_.redone.empty() || (rows_.num_bytes > 0 && !holds_something(partial_))) return keep_rows();
  resize_rows();
}

void ResumableFile::resize_rows() const {
  std::error_code error;
  fs::resize_file(partial_, rows_.num_bytes, error);
  if (error) fail(partial_, "cannot be truncated: " + error.message());
}

void ResumableFile::write_settings(const RunSettings& model) const {
  // Rows that are kept were made with settings that nobody knows: to write down today's would make them out
  // to be theirs.
  if (!are_settings_known_) {
    std::error_code ignored;
    fs::remove(settings_file(partial_), ignored);
    return;
  }
  ordered_json known = {{"format", "clipcls-resume"}};
  for (const RunSetting& setting : settings_) known[setting.name] = setting.value;
  for (const RunSetting& setting : model) known[setting.name] = setting.value;
  write_file(settings_file(partial_), write_json(known, 2) + "\n", Links::kReplaced);
}

bool ResumableFile::has_rows() const {
  std::ifstream file(partial_, std::ios::binary);
  std::string line;
  for (std::size_t i = 0; i <= num_header_lines_; ++i) {
    if (!std::getline(file, line)) return false;
  }
  return true;
}

void ResumableFile::finish(bool is_whole) {
  std::error_code ignored;
  if (is_whole && !is_resumed_) {
    fs::remove(settings_file(partial_), ignored);
    fs::remove(settings_file(path_), ignored);  // of an earlier file
    fs::remove(pictures_file(path_), ignored);
  } else {
    static_cast<void>(rename_replacing(settings_file(partial_), settings_file(path_)));
    if (pictures_) static_cast<void>(rename_replacing(pictures_file(partial_), pictures_file(path_)));
  }
  is_finished_ = true;
}

ResumableFile::~ResumableFile() {
  std::error_code ignored;
  if (has_begun_ && !is_finished_) {
    fs::remove(kept_file(partial_), ignored);
    if (has_rows()) {
      print_message(partial_.string() + ": the rows so far; --resume adds the others");
    } else {
      fs::remove(partial_, ignored);
      fs::remove(settings_file(partial_), ignored);
      fs::remove(pictures_file(partial_), ignored);
    }
  }
  unlock();
}

}  // namespace clipcls
