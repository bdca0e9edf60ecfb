#pragma once

#include <filesystem>

#include "photos/file_journal.h"

namespace clipcls {

/// Where the bytes of a copy go until it is whole: beside the target, another name for each source.
std::filesystem::path partial_copy_path(const std::filesystem::path& source,
                                        const std::filesystem::path& target);

/// Does a step other than kMakeFolder. Nothing is ever overwritten: false when `target` exists. A copy is on
/// the disk, as copy_file_whole() makes it, before it shows up under its name, and a move to another file
/// system deletes the source after that. `keeps_attributes`, where given, becomes false when extended
/// attributes of the source could not be kept. Throws Error (kOutput), with the source where it was.
bool place_file(const JournalStep& step, bool* keeps_attributes = nullptr);

/// Throws Error (kOutput).
void remove_file(const std::filesystem::path& path);

/// Whether two files hold the same bytes.
bool has_equal_bytes(const std::filesystem::path& a, const std::filesystem::path& b);

/// Whether there is anything of that name, a broken link too. Throws Error (kOutput) where that cannot be
/// told.
bool is_taken(const std::filesystem::path& path);

}  // namespace clipcls
