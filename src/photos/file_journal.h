#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "files/file_descriptor.h"

namespace clipcls {

// Note [Journals]. A journal is JSON lines: a header, then a line for each thing that is about to be done, on
// the disk before it is done. So after an interruption at any moment the last line may tell of something that
// did not happen, and nothing has happened that no line tells of. undo_step() therefore looks at the files:
// it takes back what it finds done, and leaves what it cannot recognise. Paths are absolute, of at most
// PATH_MAX bytes and without a NUL byte; bytes that are not UTF-8, control characters and '%' are written
// %XX. A line is read only where it is, byte for byte, what would be written: no other file is taken for a
// journal, and removed as one. Who writes a journal or takes it back holds a lock (flock) on it.

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
  /// steps. Throws Error (kOutput), and then leaves no file.
  FileJournal(const std::filesystem::path& folder, std::span<const JournalStep> steps);

  /// The steps are on the disk when it returns. Throws Error (kOutput), with the journal as it was.
  void write(std::span<const JournalStep> steps);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& lines);

  std::filesystem::path path_;
  FileDescriptor file_;
  std::int64_t num_bytes_ = 0;  ///< of whole lines
};

/// What a journal tells of.
struct JournalContent {
  std::vector<JournalStep> steps;    ///< in the order in which they were done
  std::size_t torn_line_number = 0;  ///< of a last line that a crash cut short, which is no step; 0: none
};

/// A journal that an earlier run has left.
class KeptJournal {
 public:
  /// Opens it. Throws Error (kInvalidArgument) where it does not begin with the whole header of a journal.
  explicit KeptJournal(const std::filesystem::path& path);

  /// Keeps other runs from undoing it meanwhile. Throws Error (kInvalidArgument) where one does, or still
  /// writes it.
  void claim();

  /// Throws Error (kInvalidArgument) that names a line which is none of a journal.
  JournalContent read();

  /// Removes the very file that was read. Throws Error (kOutput).
  void remove();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

/// Throws as KeptJournal does.
JournalContent read_journal(const std::filesystem::path& path);

/// The journals that lie in `folder`, by name: the oldest first.
std::vector<std::filesystem::path> journals_in(const std::filesystem::path& folder);

/// Takes `step` back, if it was done and has not been taken back: true when something was changed. A folder
/// is removed where it is empty. Throws Error (kOutput), with the file as it was, when taking it back would
/// lose something: the file at `target` is another one or has changed, the old name is taken, the original is
/// gone. Undo the last step first.
bool undo_step(const JournalStep& step);

}  // namespace clipcls
