#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clipcls/photos/file_journal.h"
#include "clipcls/photos/label_folder.h"
#include "clipcls/photos/sidecars.h"

namespace clipcls {

struct SortOptions {
  JournalAction action = JournalAction::kCopy;  ///< any but kMakeFolder
  bool is_dry_run = false;                      ///< nothing is done, and no journal written
};

/// Puts photos into the folders of their labels, each with its sidecars, and writes down what it does.
class PhotoSorter {
 public:
  /// Throws Error (kOutput) when the root of `folder` cannot be written to. Makes nothing yet.
  PhotoSorter(LabelFolder folder, SortOptions options);

  struct Placement {
    std::filesystem::path target;
    bool is_new = true;  ///< false: it was there already, the photo itself or a copy equal to it
  };

  /// Puts `photo` into the folder of `label` under its own name or, where that is taken, under one with a
  /// number: photo-2.jpg. Throws Error (kOutput) that names the file; what it says was not done was not done.
  Placement sort(const std::filesystem::path& photo, std::string_view label);

  /// None while nothing has been done.
  const std::optional<FileJournal>& journal() const { return journal_; }

 private:
  std::vector<JournalStep> plan(const std::filesystem::path& source, const std::vector<Sidecar>& sidecars,
                                const std::filesystem::path& target) const;
  bool is_there_already(const std::filesystem::path& source, const std::filesystem::path& target) const;
  bool is_free(const std::vector<JournalStep>& steps) const;
  bool do_steps(std::vector<JournalStep> steps);
  void make_folder(const std::filesystem::path& folder);

  LabelFolder folder_;
  SortOptions options_;
  SidecarFinder sidecars_;
  std::optional<FileJournal> journal_;
  std::set<std::filesystem::path> planned_;  ///< targets of a dry run
};

}  // namespace clipcls
