#include "photos/file_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>

#include "clipcls/error.h"
#include "files/file_lock.h"
#include "journal_line.h"

namespace clipcls {
namespace {

// Local time, as people remember it.
std::string date_and_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
  return text.data();
}

std::string lines_of(std::span<const JournalStep> steps) {
  std::string lines;
  for (const JournalStep& step : steps) lines += write_journal_line(step);
  return lines;
}

}  // namespace

FileIdentity FileIdentity::of(const std::filesystem::path& path) {
  struct stat status {};
  // The link and not what it points to: links are placed and removed themselves.
  if (lstat(path.c_str(), &status) != 0) return {};
  return {static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
}

FileJournal::FileJournal(const std::filesystem::path& folder, std::span<const JournalStep> steps) {
  const std::string stem = kJournalPrefix + date_and_time();
  // O_EXCL decides between two runs of one second.
  for (int number = 1; !file_.is_open(); ++number) {
    std::string name = stem;
    if (number > 1) name.append("-").append(std::to_string(number));
    path_ = folder / name.append(kJournalEnding);
    file_ = open_file(path_, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    if (!file_.is_open() && errno != EEXIST) throw cannot_be_written(path_);
  }
  try_lock(file_.number());  // where the file system has no locks, undo finds none either
  try {
    append(journal_header() + lines_of(steps));
    // The journal's name has to survive a crash as well as its bytes.
    if (const int error = flush_to_disk(folder); error != 0)
      throw Error(ErrorKind::kOutput, path_.string() + ": writing failed: " + std::strerror(error));
  } catch (const Error&) {
    unlink(path_.c_str());
    throw;
  }
}

void FileJournal::append(const std::string& lines) {
  const auto fail = [&](int error) {
    // Half a line, and the next one behind it, would make the whole journal unreadable.
    if (ftruncate(file_.number(), num_bytes_) != 0) num_bytes_ = -1;
    throw Error(ErrorKind::kOutput, path_.string() + ": writing failed: " + std::strerror(error));
  };
  if (num_bytes_ < 0) throw Error(ErrorKind::kOutput, path_.string() + ": writing failed before");
  if (const int error = write_all(file_.number(), lines); error != 0) fail(error);
  // Note [Journals]: a line is on the disk before what it tells of is done.
  if (const int error = flush_to_disk(file_.number()); error != 0) fail(error);
  num_bytes_ += static_cast<std::int64_t>(lines.size());
}

void FileJournal::write(std::span<const JournalStep> steps) { append(lines_of(steps)); }

}  // namespace clipcls
