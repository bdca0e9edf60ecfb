#pragma once

#include <filesystem>

#include "clipcls/photos/file_journal.h"

namespace clipcls {

/// Where the bytes of a copy go until it is whole: beside the target, another name for each source.
std::filesystem::path partial_copy_path(const std::filesystem::path& source,
                                        const std::filesystem::path& target);

/// Does a step other than kMakeFolder. Nothing is ever overwritten: false when `target` exists. A copy is on
/// the disk, with the times and permissions of its source, before it shows up under its name, and a move to
/// another file system deletes the source after that. Throws Error (kOutput), with the source where it was.
bool place_file(const JournalStep& step);

/// Throws Error (kOutput).
void remove_file(const std::filesystem::path& path);

/// Whether two files hold the same bytes.
bool has_equal_bytes(const std::filesystem::path& a, const std::filesystem::path& b);

/// Whether there is anything of that name, a broken link too.
bool is_taken(const std::filesystem::path& path);

}  // namespace clipcls
