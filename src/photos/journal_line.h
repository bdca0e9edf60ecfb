#pragma once

#include <string>

#include "clipcls/photos/file_journal.h"

namespace clipcls {

/// The first line of a journal.
std::string journal_header();

/// A step as a line of JSON, its newline included.
std::string write_journal_line(const JournalStep& step);

/// Throws std::exception when `text` is not what write_journal_line() writes.
JournalStep parse_journal_line(const std::string& text);

/// Whether `line` is journal_header().
bool is_journal_header(const std::string& line);

}  // namespace clipcls
