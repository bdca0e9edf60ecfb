#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "photos/companions.h"
#include "photos/file_journal.h"
#include "photos/label_folder.h"

namespace clipcls {

struct SortOptions {
  JournalAction action = JournalAction::kCopy;    ///< any but kMakeFolder
  bool is_dry_run = false;                        ///< nothing is done, and no journal written
  std::shared_ptr<CompanionFinder> companions{};  ///< none: photos go alone
};

/// Puts photos into the folders of their labels, each with what belongs to it (see Note [Companions]), and
/// writes down what it does. Of several photos that share a companion the first one takes it along when they
/// are moved, and each when they are copied or linked. A companion that is a picture itself may still come as
/// a photo of its own: it waits until finish().
class PhotoSorter {
 public:
  /// Throws Error (kOutput) when the root of `folder` cannot be written to. Makes nothing yet.
  PhotoSorter(LabelFolder folder, SortOptions options);

  struct PlacedFile {
    std::filesystem::path source;
    std::filesystem::path target;
  };

  struct Placement {
    std::filesystem::path target{};
    bool is_new = true;  ///< false: it was there already, the photo itself or a copy equal to it
    int number = 1;      ///< in its name, where that was taken
    std::vector<PlacedFile> companions{};  ///< those that were put beside it
    std::vector<std::string> problems{};   ///< a line for each companion that stays where it was
  };

  /// Puts `photo` into the folder of `label` under its own name or, where that name or the one of a companion
  /// is taken, under one with a number, from `first_number` on: photo-2.jpg, photo-2.xmp. Throws Error
  /// (kOutput) that names the file; what it says was not done was not done.
  Placement sort(const std::filesystem::path& photo, std::string_view label, int first_number = 1);

  /// `photo` is one of the run's: no other photo takes it along, whether it is sorted or not.
  void note_photo(const std::filesystem::path& photo);

  /// Places the pictures beside photos that did not come as photos. Says what became of them.
  Placement finish();

  /// None while nothing has been done.
  const std::optional<FileJournal>& journal() const { return journal_; }

  /// Files whose extended attributes the file system of their target could not keep.
  std::size_t num_without_attributes() const { return num_without_attributes_; }

 private:
  struct Plan {
    bool has_photo = true;  ///< as its first step
    std::vector<JournalStep> steps;
    std::multimap<std::string, JournalStep> later;  ///< by Companion::picture
    std::vector<std::string> problems;
  };

  Plan plan(const std::filesystem::path& source, const std::filesystem::path& target, bool is_there,
            const std::vector<Companion>& companions) const;
  bool is_to_go(const Companion& companion, Plan& plan) const;
  bool is_there_already(const std::filesystem::path& source, const std::filesystem::path& target) const;
  bool is_free(const Plan& plan) const;
  bool carry_out(Plan plan, Placement& placement);
  bool place(const JournalStep& step);
  void make_folder(const std::filesystem::path& folder);

  LabelFolder folder_;
  SortOptions options_;
  std::optional<FileJournal> journal_;
  std::set<std::filesystem::path> planned_;  ///< targets of a dry run, and of later_
  std::set<std::filesystem::path> gone_;     ///< what a dry run would have moved
  std::multimap<std::string, JournalStep> later_;
  std::map<std::filesystem::path, int> last_number_;  ///< that was given to a name that was taken
  std::set<std::string> photos_;  ///< by picture_key(), of those that others could take along
  std::size_t num_without_attributes_ = 0;
};

}  // namespace clipcls
