#include "clipcls/photos/file_journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "clipcls/error.h"
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
  const std::string stem = "clipcls-journal-" + date_and_time();
  for (int number = 1; descriptor_ < 0; ++number) {
    std::string name = stem;
    if (number > 1) name.append("-").append(std::to_string(number));
    path_ = folder / name.append(".jsonl");
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST)
      throw Error(ErrorKind::kOutput, path_.string() + ": cannot be written: " + std::strerror(errno));
  }
  append(journal_header() + lines_of(steps));
}

FileJournal::~FileJournal() {
  if (descriptor_ >= 0) close(descriptor_);
}

void FileJournal::append(const std::string& lines) {
  std::size_t num_written = 0;
  while (num_written < lines.size()) {
    const ssize_t result = ::write(descriptor_, lines.data() + num_written, lines.size() - num_written);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0)
      throw Error(ErrorKind::kOutput, path_.string() + ": writing failed: " + std::strerror(errno));
    num_written += static_cast<std::size_t>(result);
  }
  if (fdatasync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP)
    throw Error(ErrorKind::kOutput, path_.string() + ": writing failed: " + std::strerror(errno));
}

void FileJournal::write(std::span<const JournalStep> steps) { append(lines_of(steps)); }

std::vector<JournalStep> read_journal(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::kUsage, path.string() + ": no such journal, or it cannot be read");
  std::vector<JournalStep> steps;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (file.eof()) break;  // without its newline: what it tells of was not begun
    if (number == 1) {
      if (is_journal_header(line)) continue;
      throw Error(ErrorKind::kUsage, path.string() + ": is no journal of clipcls's, or a newer one's");
    }
    try {
      steps.push_back(parse_journal_line(line));
    } catch (const std::exception& error) {
      throw Error(ErrorKind::kUsage,
                  path.string() + ":" + std::to_string(number) + ": is damaged: " + error.what());
    }
  }
  return steps;
}

}  // namespace clipcls
