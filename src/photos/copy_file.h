#pragma once

#include <filesystem>

#include "files/file_descriptor.h"

namespace clipcls {

/// A copy that is whole, on the disk, and has no name of its own yet.
struct WholeCopy {
  FileDescriptor lock;  ///< while it is open, no other run takes the copy for one that was left behind
  bool keeps_attributes = false;  ///< whether the file system took the extended attributes
};

/// Copies `source`, a regular file or a link to one, to `copy`, which is made anew: the bytes, times and
/// permissions, extended attributes ("user.…", which hold tags and comments, and access lists) and, with
/// `keeps_owner`, the owner where that may be given. Returns when the copy is on the disk, and as long as the
/// source. Throws Error (kOutput), and then there is no copy, or it is the one that another run is making.
WholeCopy copy_file_whole(const std::filesystem::path& source, const std::filesystem::path& copy,
                          bool keeps_owner);

/// Removes the copy that an interrupted run has left. 0, or the errno: ENOENT where there is none,
/// EWOULDBLOCK where another run is making it.
int remove_abandoned_copy(const std::filesystem::path& copy);

}  // namespace clipcls
