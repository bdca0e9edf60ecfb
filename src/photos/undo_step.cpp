// What a journal's line tells of may have been done, half done, or not at all, and people may have changed
// files since (Note [Journals]). Each function therefore looks at what is there, and takes back only what it
// recognises. The rule in doubt: no bytes are removed that are nowhere else.
#include <sys/stat.h>

#include <cstdlib>
#include <system_error>

#include "clipcls/error.h"
#include "copy_file.h"
#include "photos/file_journal.h"
#include "place_file.h"

namespace clipcls {
namespace {

[[noreturn]] void keep(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + why);
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

/// Removes `path`, a second name of the file at `other`: where both are one entry of one folder, by way of a
/// link to it, or the file has no second name, that would be the last of it.
void remove_second_name(const std::filesystem::path& path, const std::filesystem::path& other) {
  struct stat status {};
  const bool is_one_entry =
      path.filename() == other.filename() && is_same_file(path.parent_path(), other.parent_path());
  if (is_one_entry || lstat(path.c_str(), &status) != 0 || status.st_nlink < 2)
    keep(path, "stays: it is the same file as " + other.string() + ", by another path");
  remove_file(path);
}

bool is_unchanged(const FileIdentity& now, const FileIdentity& then) {
  constexpr std::int64_t kCoarsestDate = 2'000'000'000;  // FAT keeps every second second
  return now.size == then.size && std::abs(now.modified_ns - then.modified_ns) <= kCoarsestDate;
}

bool remove_if_empty(const std::filesystem::path& folder) {
  std::error_code ignored;  // not empty: something else has been put there, or kept
  return std::filesystem::is_directory(folder, ignored) && std::filesystem::remove(folder, ignored);
}

/// What an interrupted copy has left.
bool remove_partial_copy(const JournalStep& step) {
  return remove_abandoned_copy(partial_copy_path(step.source, step.target)) == 0;
}

/// Both names are there: the move was interrupted before the source went, or never begun.
bool undo_half_move(const JournalStep& step) {
  // By hard links the move was made of a second name, and the first was not removed yet.
  if (is_same_file(step.source, step.target)) {
    remove_second_name(step.target, step.source);
    return true;
  }
  if (!is_unchanged(FileIdentity::of(step.source), step.identity))
    keep(step.target, "stays: another file is now called " + step.source.string());
  // The target was there before.
  if (!is_unchanged(FileIdentity::of(step.target), step.identity) ||
      !has_equal_bytes(step.source, step.target))
    return false;
  remove_file(step.target);
  return true;
}

bool undo_move(const JournalStep& step) {
  if (!is_taken(step.target)) {
    if (!is_taken(step.source)) keep(step.target, "is not there any more, nor is " + step.source.string());
    return remove_partial_copy(step);
  }
  if (is_taken(step.source)) return undo_half_move(step);
  // On one file system a file stays itself when it is edited in place; a copy can only be told by its date.
  const FileIdentity found = FileIdentity::of(step.target);
  if (found.inode != step.identity.inode && !is_unchanged(found, step.identity))
    keep(step.target, "stays: it has changed, or is not the file that was moved there");
  std::error_code error;
  // The folder may have been removed since, as it was empty.
  std::filesystem::create_directories(step.source.parent_path(), error);
  if (!place_file({JournalAction::kMove, step.target, step.source, found}))
    keep(step.target, "stays: another file is now called " + step.source.string());
  return true;
}

bool undo_copy(const JournalStep& step) {
  if (!is_taken(step.target)) return remove_partial_copy(step);
  if (!is_taken(step.source)) keep(step.target, "stays: the original is gone, and this may be the last copy");
  // Nothing was copied: source and target are one file by two paths.
  if (is_same_file(step.source, step.target)) return false;
  // The bytes and not the dates: only equal ones make the copy dispensable.
  if (!has_equal_bytes(step.source, step.target))
    keep(step.target, "stays: it is not, or no longer, a copy of " + step.source.string());
  remove_file(step.target);
  return true;
}

bool undo_hard_link(const JournalStep& step) {
  if (!is_taken(step.target)) return false;
  if (!is_same_file(step.source, step.target))
    keep(step.target, "stays: it is not, or no longer, a link to " + step.source.string());
  remove_second_name(step.target, step.source);
  return true;
}

bool undo_symbolic_link(const JournalStep& step) {
  if (!is_taken(step.target)) return false;
  std::error_code ignored;
  if (std::filesystem::read_symlink(step.target, ignored) != step.source)
    keep(step.target, "stays: it is not, or no longer, a link to " + step.source.string());
  remove_file(step.target);
  return true;
}

}  // namespace

bool undo_step(const JournalStep& step) {
  switch (step.action) {
    // Only an empty folder goes, so that what people put there stays.
    case JournalAction::kMakeFolder:
      return remove_if_empty(step.target);
    case JournalAction::kMove:
      return undo_move(step);
    case JournalAction::kCopy:
      return undo_copy(step);
    case JournalAction::kHardLink:
      return undo_hard_link(step);
    case JournalAction::kSymbolicLink:
      return undo_symbolic_link(step);
  }
  return false;
}

}  // namespace clipcls
