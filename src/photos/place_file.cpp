#include "place_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "base/content_hash.h"
#include "clipcls/error.h"
#include "copy_file.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

[[noreturn]] void fail_to_place(const std::filesystem::path& path, const std::string& what, int error) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + what + ": " + std::strerror(error));
}

bool copy_whole(const std::filesystem::path& source, const std::filesystem::path& target, bool is_move,
                bool& keeps_attributes) {
  // The copy is made beside its target and named when it is whole: nobody sees half a photo.
  const std::filesystem::path partial = partial_copy_path(source, target);
  const WholeCopy copy = copy_file_whole(source, partial, is_move);
  keeps_attributes = copy.keeps_attributes;
  const int error = rename_without_replacing(partial, target);
  if (error == 0) {
    // A move removes the original next: until then the copy's name has to be on the disk, too.
    if (const int flush_error = flush_folder_of(target); flush_error != 0)
      fail_to_place(target, "cannot be written to the disk", flush_error);
    return true;
  }
  unlink(partial.c_str());
  if (error != EEXIST) fail_to_place(source, "cannot become " + target.string(), error);
  return false;
}

bool move_file(const std::filesystem::path& source, const std::filesystem::path& target,
               bool& keeps_attributes) {
  // A rename first: it moves in one step and keeps everything. EXDEV says that this needs a copy.
  const int error = rename_without_replacing(source, target);
  if (error == 0 || error == EEXIST) return error == 0;
  if (error != EXDEV) fail_to_place(source, "cannot become " + target.string(), error);
  // Whether one file system lies at both places is not to be seen from outside (bind mounts).
  const FileIdentity before = FileIdentity::of(source);
  if (!copy_whole(source, target, /*is_move=*/true, keeps_attributes)) return false;
  // The copy is whole, so the original would be removed now; a change since would go with it.
  if (FileIdentity::of(source) != before) {
    throw Error(ErrorKind::kOutput, source.string() +
                                        ": was changed while it was moved, and is at both places: " +
                                        target.string() + " is as it was before");
  }
  remove_file(source);
  return true;
}

bool make_hard_link(const std::filesystem::path& source, const std::filesystem::path& target) {
  // Of a symbolic link the file that it stands for: a hard link to a link would break when that moves.
  if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno == EXDEV) {
    throw Error(ErrorKind::kOutput, source.string() + ": " + target.parent_path().string() +
                                        " is on another file system, which a hard link cannot reach; use "
                                        "`symlink` or `copy`");
  }
  fail_to_place(source, "cannot be linked to " + target.string(), errno);
}

bool make_symbolic_link(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (symlink(source.c_str(), target.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  fail_to_place(source, "cannot be linked to " + target.string(), errno);
}

}  // namespace

std::filesystem::path partial_copy_path(const std::filesystem::path& source,
                                        const std::filesystem::path& target) {
  // The name has a fixed length, since one of 255 bytes has no room for a prefix.
  // std::hash may differ from build to build, and undo has to find what an earlier one left.
  ContentHash hash;
  hash.add_text(source.string());
  hash.add_text(target.string());
  return target.parent_path() / (".clipcls-partial-" + hash.hex_digest());
}

bool place_file(const JournalStep& step, bool* keeps_attributes) {
  bool ignored = true;
  if (keeps_attributes == nullptr) keeps_attributes = &ignored;
  *keeps_attributes = true;
  switch (step.action) {
    case JournalAction::kMakeFolder:
      break;
    case JournalAction::kCopy:
      return copy_whole(step.source, step.target, /*is_move=*/false, *keeps_attributes);
    case JournalAction::kMove:
      return move_file(step.source, step.target, *keeps_attributes);
    case JournalAction::kHardLink:
      return make_hard_link(step.source, step.target);
    case JournalAction::kSymbolicLink:
      return make_symbolic_link(step.source, step.target);
  }
  throw Error(ErrorKind::kOutput, step.target.string() + ": a folder is not a file to be placed");
}

void remove_file(const std::filesystem::path& path) {
  if (unlink(path.c_str()) != 0) fail_to_place(path, "cannot be removed", errno);
}

bool has_equal_bytes(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error_a;
  std::error_code error_b;
  const auto size_a = std::filesystem::file_size(a, error_a);
  const auto size_b = std::filesystem::file_size(b, error_b);
  // The size first: most files that differ differ in it, and then nothing is read.
  if (error_a || error_b || size_a != size_b) return false;
  std::ifstream stream_a(a, std::ios::binary);
  std::ifstream stream_b(b, std::ios::binary);
  std::array<char, 65536> block_a{};
  std::array<char, 65536> block_b{};
  while (stream_a && stream_b) {
    stream_a.read(block_a.data(), block_a.size());
    stream_b.read(block_b.data(), block_b.size());
    if (stream_a.gcount() != stream_b.gcount()) return false;
    if (!std::equal(block_a.begin(), block_a.begin() + stream_a.gcount(), block_b.begin())) return false;
  }
  return stream_a.eof() && stream_b.eof();
}

bool is_taken(const std::filesystem::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) return true;
  // The name is too long, or the folder is closed to us: another name would not help.
  if (errno != ENOENT && errno != ENOTDIR) fail_to_place(path, "cannot be looked at", errno);
  return false;
}

}  // namespace clipcls
