#pragma once

#include <string>

#include "photos/file_journal.h"

namespace clipcls {

inline constexpr const char* kJournalPrefix = "clipcls-journal-";  ///< of a journal's name
inline constexpr const char* kJournalEnding = ".jsonl";
inline constexpr const char* kJournalLineBegin = "{\"action\":\"";  ///< of every line but the first

/// The first line of a journal, its newline included.
std::string journal_header();

/// A step as a line of JSON, its newline included. Throws Error (kOutput) as require_usable_path() does.
std::string write_journal_line(const JournalStep& step);

/// Throws std::exception when `text` is not what write_journal_line() writes, without the newline.
JournalStep parse_journal_line(const std::string& text);

/// Throws Error (kOutput) where the system would take another file for `path`, or none: it holds a NUL byte,
/// where the system stops reading, or is too long.
void require_usable_path(const std::filesystem::path& path);

}  // namespace clipcls
