#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags/input_flags.h"
#include "cli/flags/photo_flags.h"
#include "photos/photo_sorter.h"
#include "photos/xmp_keywords.h"
#include "pipeline/image_result.h"
#include "zero_shot/answer_names.h"

namespace clipcls {

/// What --sort-into and --write-xmp do with the file of each result.
class PhotoActions {
 public:
  /// `input`: the images of the run. Throws Error (kOutput) when a folder cannot be written to or a
  /// library is missing, and Error (kLabels) when labels share a folder. Changes no file yet.
  PhotoActions(PhotoFlags options, AnswerNames labels, const InputFlags& input, bool is_quiet);

  /// Whether apply() puts files somewhere.
  bool moves_files() const { return sorter_ && !options_.is_dry_run; }

  /// See CompanionFinder::leave_in_place().
  void leave_in_place(std::function<bool(const std::filesystem::path&)> stays);

  /// Writes the keywords of one result and puts its file into the folder of its label; `result` then says
  /// where. An image with an error or without a label that counts stays as it is. False when something
  /// failed, which has been said on standard error.
  bool apply(ImageResult& result);

  /// Deals with what had to wait for the last result; `is_whole`: all images were given to apply(). False
  /// when something failed, which has been said on standard error.
  bool finish(bool is_whole);

  /// Says on standard error how to undo what was done before the run failed; nothing, where nothing was.
  void say_how_to_undo() const;

  /// Says on standard error what was done, and how to undo it.
  void summarize() const;

 private:
  /// A raw file and its developed picture of which each may have a row. Both go into the folder of the first
  /// label that counts.
  struct Pair {
    std::string label{};  ///< empty: none yet
    int number = 1;       ///< in the names that they got
    std::vector<std::string> waiting{};
  };

  std::vector<std::string> labels_that_count(const ImageResult& result) const;
  void write_keywords(const std::string& path, const std::vector<std::string>& keywords);
  void write_sidecar(const std::filesystem::path& sidecar, const std::vector<std::string>& keywords);
  Pair* find_pair(const std::string& path);
  bool sort(ImageResult& result, const std::string& label, Pair* pair);
  PhotoSorter::Placement place(const std::string& path, const std::string& label, int number);
  bool report(const PhotoSorter::Placement& placement);
  std::string how_to_undo() const;
  void say_what_would_be_done(const std::string& source, const std::string& target) const;

  PhotoFlags options_;
  AnswerNames labels_;
  bool is_quiet_;
  bool tags_raw_files_ = false;  ///< that have no row beside their developed picture
  std::shared_ptr<CompanionFinder> companions_;
  std::optional<PhotoSorter> sorter_;
  std::optional<XmpKeywords> xmp_;
  std::map<std::string, Pair> pairs_;  ///< by folder and stem
  std::size_t num_sorted_ = 0;
  std::size_t num_there_already_ = 0;
  std::size_t num_companions_ = 0;
  std::size_t num_unsure_ = 0;
  std::size_t num_tagged_ = 0;
};

}  // namespace clipcls
