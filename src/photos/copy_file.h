#pragma once

#include <filesystem>

namespace clipcls {

/// Copies `source`, a regular file or a link to one, to `copy`, which is made anew: the bytes, times and
/// permissions, extended attributes ("user.…", which hold tags and comments, and access lists) and, with
/// `keeps_owner`, the owner where that may be given. Returns when the copy is on the disk, and as long as the
/// source. False: the file system of `copy` did not take the attributes. Throws Error (kOutput), and then
/// there is no copy.
bool copy_file_whole(const std::filesystem::path& source, const std::filesystem::path& copy,
                     bool keeps_owner);

}  // namespace clipcls
