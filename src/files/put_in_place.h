#pragma once

#include <sys/types.h>

#include <filesystem>

namespace clipcls {

// How what is made under another name gets its own: files alone and whole folders. Each function returns 0,
// or the errno of what failed; then everything has the name that it had.

/// Whether anything has that name: a link that leads nowhere counts.
bool is_there(const std::filesystem::path& path);

/// Absolute, without "." and a trailing slash, so that the last part is the name of what is meant.
std::filesystem::path tidy_path(const std::filesystem::path& path);

/// Names in the folder that `path` lies in are kept also where the machine loses its power.
int flush_folder_of(const std::filesystem::path& path);

/// A name beside `target` that nothing has: "NAME.MARK-PID", or with another number behind it where a process
/// of that number was killed. Hidden names begin with a dot. A long NAME is cut, for a name has 255 bytes.
std::filesystem::path name_beside(const std::filesystem::path& target, const char* mark, bool is_hidden);

/// `partial`, which is on the disk, gets the name of `target`, and keeps it also where the machine loses its
/// power; a file that had it is gone.
int rename_replacing(const std::filesystem::path& partial, const std::filesystem::path& target);

/// `source` gets the name of `target`, which nothing has: EEXIST where something has it, EXDEV where that is
/// on another file system.
int rename_without_replacing(const std::filesystem::path& source, const std::filesystem::path& target);

/// Both are there and exchange their names. On a file system that cannot do that, `second` is called `aside`
/// for a moment; it is still called so where it cannot be given its name back.
int exchange_names(const std::filesystem::path& first, const std::filesystem::path& second,
                   const std::filesystem::path& aside);

/// Gives the open file the mode of `target`, and its owner where that is allowed. Nothing where there is no
/// such ordinary file.
void copy_mode(const std::filesystem::path& target, int descriptor);

}  // namespace clipcls
