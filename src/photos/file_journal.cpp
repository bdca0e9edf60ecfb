#include "clipcls/photos/file_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>

#include "clipcls/error.h"
#include "copy_file.h"
#include "journal_line.h"

namespace clipcls {
namespace {

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
  if (lstat(path.c_str(), &status) != 0) return {};
  return {static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
}

FileJournal::FileJournal(const std::filesystem::path& folder, std::span<const JournalStep> steps) {
  const std::string stem = kJournalPrefix + date_and_time();
  for (int number = 1; descriptor_ < 0; ++number) {
    std::string name = stem;
    if (number > 1) name.append("-").append(std::to_string(number));
    path_ = folder / name.append(kJournalEnding);
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST)
      throw Error(ErrorKind::kOutput, path_.string() + ": cannot be written: " + std::strerror(errno));
  }
  flock(descriptor_, LOCK_EX | LOCK_NB);  // where the file system has no locks, undo finds none either
  try {
    append(journal_header() + lines_of(steps));
    flush_to_disk(folder);
  } catch (const Error&) {
    unlink(path_.c_str());
    close(descriptor_);
    throw;
  }
}

FileJournal::~FileJournal() {
  if (descriptor_ >= 0) close(descriptor_);
}

void FileJournal::append(const std::string& lines) {
  const auto fail = [&](int error) {
    // Half a line, and the next one behind it, would make the whole journal unreadable.
    if (ftruncate(descriptor_, num_bytes_) != 0) num_bytes_ = -1;
    throw Error(ErrorKind::kOutput, path_.string() + ": writing failed: " + std::strerror(error));
  };
  if (num_bytes_ < 0) throw Error(ErrorKind::kOutput, path_.string() + ": writing failed before");
  std::size_t num_written = 0;
  while (num_written < lines.size()) {
    const ssize_t result = ::write(descriptor_, lines.data() + num_written, lines.size() - num_written);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0) fail(errno);
    num_written += static_cast<std::size_t>(result);
  }
  if (fdatasync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) fail(errno);
  num_bytes_ += static_cast<std::int64_t>(lines.size());
}

void FileJournal::write(std::span<const JournalStep> steps) { append(lines_of(steps)); }

}  // namespace clipcls
