#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/image_source.h"

namespace clipcls {

/// The images of a folder: the files that are named like images (is_image_name), in natural order, then, when
/// it is recursive, those of each folder in it, in natural order too. Junk (is_junk_name), what is excluded
/// and, by `raw_files`, cameras' raw files are left out. A folder that cannot be listed is an input with an
/// error. Symbolic links are followed, and no folder is listed twice: a link whose target the walk meets
/// under its own name is left out, and so is one to a folder around the root, which would lead in a circle or
/// to the whole disk.
class FolderWalk {
 public:
  /// `root` is a folder, and stands in front of every path.
  FolderWalk(const std::string& root, const FolderOptions& options);

  /// None: the end.
  std::optional<ImageInput> next();

  /// After the end: what the user should know of it; empty: nothing.
  std::string warning() const;

 private:
  /// Names in one string: a million of them take the room of their bytes and eight more each.
  class NameList {
   public:
    void add(std::string_view name);
    void sort();
    /// Takes out the raw files that have a developed picture of their stem in the list.
    void leave_out_developed();
    bool empty() const { return next_ == begins_.size(); }
    std::string_view take();
    std::vector<std::string_view> all() const;

   private:
    std::string_view at(std::size_t begin) const { return names_.c_str() + begin; }
    std::string names_;  ///< each ended by a NUL byte
    std::vector<std::size_t> begins_;
    std::size_t next_ = 0;
  };

  void list(const std::string& folder);
  bool is_wanted(std::string_view name) const;
  bool is_excluded(std::string_view name, bool is_folder) const;
  bool is_walked(const std::filesystem::path& target, bool is_folder) const;
  bool is_link_to_follow(const std::string& path, bool is_folder) const;

  std::string root_;
  bool is_recursive_;
  RawFiles raw_files_;
  std::vector<std::string> excluded_;
  std::filesystem::path real_root_;
  std::set<std::pair<dev_t, ino_t>> listed_;  ///< folders
  std::string folder_;                        ///< that names_ are of, with a slash at its end
  NameList names_;
  std::vector<std::string> folders_;  ///< still to be listed, the next one last
  std::deque<ImageInput> failed_;
  std::size_t num_images_ = 0;
  std::size_t num_folders_left_out_ = 0;
  std::map<std::string, std::size_t> left_out_;  ///< images of other formats, by ending
};

}  // namespace clipcls
