#include "folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "image_names.h"
#include "natural_order.h"
#include "pipeline/junk_names.h"
#include "pipeline/path_pattern.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

Error listing_error(int error) {
  const bool is_gone = error == ENOENT || error == ENOTDIR;
  return {is_gone ? ErrorKind::kNotFound : ErrorKind::kUnreadable,
          "the folder cannot be listed: " + std::system_category().message(error)};
}

fs::path real_path(const std::string& path) {
  std::error_code ignored;
  return fs::canonical(path, ignored);
}

/// Whether `path` is `folder` or lies in it.
bool is_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

struct EntryKind {
  bool is_folder = false;
  bool is_link = false;
};

// d_type answers without a call for most entries; DT_UNKNOWN is what some file systems give for all.
EntryKind kind_of(const dirent& entry, int folder) {
  if (entry.d_type == DT_DIR) return {true, false};
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return {};
  struct stat status = {};
  const bool is_link =
      fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
  const bool is_there = fstatat(folder, entry.d_name, &status, 0) == 0;
  return {is_there && S_ISDIR(status.st_mode), is_link};
}

}  // namespace

void FolderWalk::NameList::add(std::string_view name) {
  begins_.push_back(names_.size());
  names_.append(name);
  names_.push_back('\0');
}

void FolderWalk::NameList::sort() {
  std::ranges::sort(begins_,
                    [this](std::size_t a, std::size_t b) { return is_naturally_before(at(a), at(b)); });
}

void FolderWalk::NameList::leave_out_developed() {
  const auto stem_of = [](std::string_view name) { return name.substr(0, name.rfind('.')); };
  std::unordered_set<std::string_view> developed;
  for (const std::size_t begin : begins_) {
    if (is_developed_name(at(begin))) developed.insert(stem_of(at(begin)));
  }
  if (developed.empty()) return;
  std::erase_if(begins_, [&](std::size_t begin) {
    return is_raw_name(at(begin)) && developed.contains(stem_of(at(begin)));
  });
}

std::string_view FolderWalk::NameList::take() { return at(begins_[next_++]); }

std::vector<std::string_view> FolderWalk::NameList::all() const {
  std::vector<std::string_view> names;
  for (const std::size_t begin : begins_) names.push_back(at(begin));
  return names;
}

FolderWalk::FolderWalk(const std::string& root, const FolderOptions& options)
    : root_(root),
      is_recursive_(options.is_recursive),
      raw_files_(options.raw_files),
      excluded_(options.excluded),
      real_root_(real_path(root)),
      folders_{root} {}

std::optional<ImageInput> FolderWalk::next() {
  for (;;) {
    // The images of a folder come before those of the folders in it.
    if (!names_.empty()) {
      ++num_images_;
      return ImageInput{folder_ + std::string(names_.take())};
    }
    if (!failed_.empty()) {
      ImageInput failed = std::move(failed_.front());
      failed_.pop_front();
      return failed;
    }
    if (folders_.empty()) return std::nullopt;
    // A stack: the walk goes down before it goes on, so that only the open branch's folders are held.
    const std::string folder = std::move(folders_.back());
    folders_.pop_back();
    list(folder);
  }
}

void FolderWalk::list(const std::string& folder) {
  names_ = {};
  folder_ = folder.ends_with('/') ? folder : folder + '/';
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(folder.c_str()), &closedir);
  // A folder that cannot be listed is a row with an error and no end of the run.
  if (directory == nullptr) {
    failed_.push_back({folder, false, listing_error(errno)});
    return;
  }
  struct stat status = {};
  // Device and inode are the folder itself, whatever links led to it: no loop of links goes round twice.
  if (fstat(dirfd(directory.get()), &status) == 0 && !listed_.insert({status.st_dev, status.st_ino}).second)
    return;
  NameList subfolders;
  for (;;) {
    // readdir() returns null at the end and at an error; errno alone tells them apart.
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    // "." and ".." go here, too: their names begin with a dot.
    if (is_junk_name(name)) continue;
    const EntryKind kind = kind_of(*entry, dirfd(directory.get()));
    if (is_excluded(name, kind.is_folder)) continue;
    if (kind.is_folder && !is_recursive_) {
      ++num_folders_left_out_;
      continue;
    }
    if (!kind.is_folder && !is_wanted(name)) {
      // Counted by ending and not listed: one line says what a library lost.
      if (is_name_of_other_image(name)) ++left_out_[std::string(name.substr(name.rfind('.')))];
      continue;
    }
    // Links are resolved last, since that costs several calls.
    if (kind.is_link && !is_link_to_follow(folder_ + std::string(name), kind.is_folder)) continue;
    (kind.is_folder ? subfolders : names_).add(name);
  }
  if (errno != 0) failed_.push_back({folder, false, listing_error(errno)});
  if (raw_files_ == RawFiles::kUnlessDeveloped) names_.leave_out_developed();
  names_.sort();
  subfolders.sort();
  std::vector<std::string_view> names = subfolders.all();
  // The stack hands out its last entry first.
  std::ranges::reverse(names);
  for (const std::string_view name : names) folders_.push_back(folder_ + std::string(name));
}

/// By its name alone.
bool FolderWalk::is_wanted(std::string_view name) const {
  return is_image_name(name) && (raw_files_ != RawFiles::kNone || !is_raw_name(name));
}

bool FolderWalk::is_excluded(std::string_view name, bool is_folder) const {
  if (excluded_.empty()) return false;
  const std::size_t root_size = root_.size() + (root_.ends_with('/') ? 0 : 1);
  const std::string path = folder_.substr(root_size) + std::string(name);
  return std::ranges::any_of(
      excluded_, [&](const std::string& pattern) { return matches_path_pattern(pattern, path, is_folder); });
}

/// Whether the walk meets `target`, a real path, under its own name.
bool FolderWalk::is_walked(const fs::path& target, bool is_folder) const {
  if (!is_in(target, real_root_)) return false;
  // A link to something that the walk meets anyway would give an image twice; one to a folder above the root
  // would walk out of what was asked for.
  const fs::path inside = target.lexically_relative(real_root_);
  if (inside == ".") return true;
  if (!is_recursive_ && inside.has_parent_path()) return false;
  if (!is_folder && !is_wanted(inside.filename().native())) return false;
  return std::none_of(inside.begin(), inside.end(),
                      [](const fs::path& part) { return is_junk_name(part.native()); });
}

bool FolderWalk::is_link_to_follow(const std::string& path, bool is_folder) const {
  const fs::path target = real_path(path);
  if (target.empty()) return true;  // it leads nowhere, and reading it says so
  return !is_walked(target, is_folder) && !(is_folder && is_in(real_root_, target));
}

std::string FolderWalk::warning() const {
  if (!left_out_.empty()) {
    std::size_t count = 0;
    std::string endings;
    for (const auto& [ending, number] : left_out_) {
      count += number;
      endings += (endings.empty() ? "" : ", ") + ending;
    }
    return root_ + ": " + std::to_string(count) + (count == 1 ? " file" : " files") +
           " left out, whose format is not read from folders (" + endings + ")";
  }
  if (num_images_ > 0) return {};
  return root_ + ": no images in this folder" +
         (num_folders_left_out_ > 0 ? "; `is_recursive` takes those of the folders in it" : "");
}

}  // namespace clipcls
