#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace clipcls {

// Note [Journals]. A journal is JSON lines: a header, then a line for each thing that is about to be done, on
// the disk before it is done. So after an interruption at any moment the last line may tell of something that
// did not happen, and nothing has happened that no line tells of. undo_step() therefore looks at the files:
// it takes back what it finds done, and leaves what it cannot recognise. Paths are absolute; bytes that are
// not UTF-8, control characters and '%' are written %XX.

enum class JournalAction { kMakeFolder, kCopy, kMove, kHardLink, kSymbolicLink };

/// What tells a file from another one that has taken its name.
struct FileIdentity {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::uint64_t inode = 0;

  static FileIdentity of(const std::filesystem::path& path);
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct JournalStep {
  JournalAction action = JournalAction::kCopy;
  std::filesystem::path source;  ///< empty for kMakeFolder
  std::filesystem::path target;
  FileIdentity identity{};  ///< of the source
};

/// Writes the journal of one run.
class FileJournal {
 public:
  /// Makes clipcls-journal-DATE-TIME.jsonl in `folder`, beside those of other runs, and writes its first
  /// steps. Throws Error (kOutput).
  FileJournal(const std::filesystem::path& folder, std::span<const JournalStep> steps);
  ~FileJournal();
  FileJournal(const FileJournal&) = delete;
  FileJournal& operator=(const FileJournal&) = delete;
  FileJournal(FileJournal&&) = delete;
  FileJournal& operator=(FileJournal&&) = delete;

  /// The steps are on the disk when it returns. Throws Error (kOutput).
  void write(std::span<const JournalStep> steps);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& lines);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The steps of a journal, in the order in which they were done; a last line that was not written to its end
/// is left out. Throws Error (kUsage) that names the line.
std::vector<JournalStep> read_journal(const std::filesystem::path& path);

/// Takes `step` back, if it was done and has not been taken back: true when something was changed. A folder
/// is removed where it is empty. Throws Error (kOutput), with the file as it was, when taking it back would
/// lose something: the file at `target` is another one or has changed, the old name is taken, the original is
/// gone. Undo the last step first.
bool undo_step(const JournalStep& step);

}  // namespace clipcls
