#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/on_message.h"
#include "cli/results/picture_states.h"
#include "files/file_descriptor.h"
#include "files/output_target.h"
#include "report/report_rows.h"

namespace clipcls {

/// What decides the rows of a run: an option, and its value in words.
struct RunSetting {
  std::string name;
  std::string value;
  std::string earlier_value = {};  ///< how earlier versions may have said the same; empty: like this
};
using RunSettings = std::vector<RunSetting>;

/// Which rows of an earlier run are made anew, where their images are among `paths`, those of this run.
struct RowsToRedo {
  bool are_errors = false;
  bool are_changed = false;  ///< the image is another than then, see Note [Picture states]
  std::unordered_set<std::string> paths{};

  bool is_any() const { return are_errors || are_changed; }
};

/// A file of rows, jsonl, csv or tsv, that a run which ended early leaves behind and a later one
/// resumes.
///
///   PATH.partial         the rows during a run, and after one that was killed
///   PATH.partial.resume  JSON: the settings of those rows
///   PATH                 the rows when a run has come to its end, or was asked to end
///   PATH.resume          the settings of those; there where PATH is not whole, and where --resume is used
///   PATH.pictures        see Note [Picture states]; there since a run redid what had changed
///
/// One run at a time writes them.
class ResumableFile {
 public:
  /// Whether rows of `format` in `target` can be resumed: the format says so, and it is an ordinary
  /// file.
  static bool can_hold(const OutputTarget& target, ReportFormat format);

  /// Takes PATH.partial for this run if it is there, else sees whether it can be made; with --resume reads
  /// the rows there, else those of PATH, and cuts off a torn end. Nothing is lost yet. Throws Error (kOutput)
  /// that says what is in the way: the folder, another run, rows of other settings.
  /// Replaces nothing at `target`, or beside it, that is not part of such a file.
  ResumableFile(const OutputTarget& target, ReportFormat format, bool is_resumed, const RowsToRedo& redone,
                const ReportOptions& report, RunSettings settings, OnMessage on_warning);
  /// Says what is kept for --resume, unless finish() was called.
  ~ResumableFile();
  ResumableFile(const ResumableFile&) = delete;
  ResumableFile& operator=(const ResumableFile&) = delete;
  ResumableFile(ResumableFile&&) = delete;
  ResumableFile& operator=(ResumableFile&&) = delete;

  const ReportRows& rows() const { return rows_; }
  /// Whether `path` has a row that was not claimed yet: a path that is given twice needs two.
  bool claim_row(const std::string& path);

  /// The image at `path` is about to be read.
  void note_image(const std::string& path);

  /// The model is known: rows of another one are refused, the settings are written down unless rows of
  /// unknown ones are kept, and rows that are not resumed are dropped. Throws Error (kOutput).
  void begin(const RunSettings& model);

  /// Where rows are to be appended.
  const std::filesystem::path& partial_path() const { return partial_; }

  /// PATH is in place; whole unless the run was interrupted.
  void finish(bool is_whole);

 private:
  void lock();
  void unlock();
  void read_rows(ReportFormat format, const ReportOptions& report, const RowsToRedo& redone);
  /// Makes the partial file anew, of all rows of PATH.partial or PATH but those that are redone.
  void keep_rows();
  /// Cuts off what is not kept.
  void resize_rows() const;
  void write_settings(const RunSettings& model) const;
  const std::filesystem::path& file_of_rows() const;
  bool has_rows() const;

  OutputTarget target_;
  std::filesystem::path path_;
  std::filesystem::path partial_;
  bool is_resumed_;
  bool has_begun_ = false;
  bool is_finished_ = false;
  std::size_t num_header_lines_;
  RunSettings settings_;
  OnMessage on_warning_;
  ReportRows rows_;
  std::optional<PictureStates> pictures_;  ///< none: no run has asked for changes
  bool are_settings_known_ = true;         ///< those of the rows that are kept
  FileDescriptor lock_;                    ///< of PATH.partial
};

}  // namespace clipcls
