#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "clipcls/error.h"
#include "files/file_lock.h"
#include "journal_line.h"
#include "photos/file_journal.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLineBytes = 65536;  // two paths of PATH_MAX bytes, each byte written as three
constexpr std::size_t kReadBytes = 65536;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(ErrorKind::kInvalidArgument, path.string() + ": " + why);
}

/// The lines of a file, of which no more is held than a block and a line.
class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  /// Without its newline. At the end of the file false, and `line` is what stands behind the last newline;
  /// the same where a line is too long.
  bool next(std::string& line) {
    for (;;) {
      const std::size_t end = bytes_.find('\n', begin_);
      if (end != std::string::npos) {
        line = bytes_.substr(begin_, end - begin_);
        begin_ = end + 1;
        return true;
      }
      bytes_.erase(0, begin_);
      begin_ = 0;
      // A file without line ends must not be read into memory as one line.
      if (bytes_.size() > kMaxLineBytes || !read_block()) {
        line = bytes_;
        return false;
      }
    }
  }

 private:
  bool read_block() {
    std::array<char, kReadBytes> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const ssize_t size = read_some(descriptor_, block);
    if (size > 0) bytes_.append(block.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  int descriptor_;
  std::string bytes_;
  std::size_t begin_ = 0;  ///< of the next line
};

/// Whether a crash can have left `rest` behind the last newline: a line that was begun, or, where the machine
/// lost its power, the room that was made for it.
bool is_torn_line(std::string_view rest) {
  // A file system may have lengthened the file and not yet stored its bytes, which then read as zeros.
  rest = rest.substr(0, rest.find_last_not_of('\0') + 1);
  const std::string_view begin = kJournalLineBegin;
  return rest.size() <= kMaxLineBytes && (rest.starts_with(begin) || begin.starts_with(rest));
}

}  // namespace

KeptJournal::KeptJournal(const fs::path& path) : path_(path), file_(open_for_reading(path)) {
  if (!file_.is_open())
    refuse(path, std::string("no such journal, or it cannot be read: ") + std::strerror(errno));
  const std::string header = journal_header();
  std::string begin(header.size(), '\0');
  struct stat status {};
  const bool is_file = fstat(file_.number(), &status) == 0 && S_ISREG(status.st_mode);
  // The whole header: an empty file, or one that only has such a name, is no journal.
  if (!is_file ||
      pread(file_.number(), begin.data(), begin.size(), 0) != static_cast<ssize_t>(begin.size()) ||
      begin != header) {
    refuse(path, "is not a journal of clipcls's, or a newer one's; nothing was touched");
  }
  std::error_code error;  // a symbolic link stands for the file
  path_ = fs::canonical(path, error);
  if (error) path_ = path;
}

void KeptJournal::claim() {
  if (!try_lock(file_.number())) refuse(path_, "another clipcls is writing it, or taking it back");
}

JournalContent KeptJournal::read() {
  if (lseek(file_.number(), 0, SEEK_SET) != 0)
    refuse(path_, std::string("cannot be read: ") + std::strerror(errno));
  JournalContent content;
  LineReader lines(file_.number());
  std::string line;
  lines.next(line);  // the header
  std::size_t number = 2;
  const auto refuse_line = [&](const std::string& why) {
    refuse(path_.string() + ":" + std::to_string(number), "is damaged: " + why + "; nothing was touched");
  };
  // All lines are read before anything is undone. One that is damaged in the middle says that the file was
  // edited.
  for (; lines.next(line); ++number) {
    try {
      content.steps.push_back(parse_journal_line(line));
    } catch (const std::exception& error) {
      refuse_line(error.what());
    }
  }
  if (line.empty()) return content;
  if (!is_torn_line(line)) refuse_line("is not a line of a journal");
  content.torn_line_number = number;
  return content;
}

void KeptJournal::remove() {
  // Another run may have put a journal under that name since this one was opened.
  if (!is_same_file(file_.number(), path_))
    throw Error(ErrorKind::kOutput, path_.string() + ": stays: it is another file now");
  if (unlink(path_.c_str()) != 0)
    throw Error(ErrorKind::kOutput, path_.string() + ": cannot be removed: " + std::strerror(errno));
}

JournalContent read_journal(const fs::path& path) { return KeptJournal(path).read(); }

std::vector<fs::path> journals_in(const fs::path& folder) {
  std::vector<fs::path> journals;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (!name.starts_with(kJournalPrefix) || !name.ends_with(kJournalEnding)) continue;
    try {
      // Opened to see whether it is one: the name alone says little.
      const KeptJournal journal(entries->path());
      journals.push_back(entries->path());
    } catch (const Error&) {
      // It only has such a name.
    }
  }
  std::ranges::sort(journals);
  return journals;
}

}  // namespace clipcls
