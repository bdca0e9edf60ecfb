#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unordered_map>

namespace clipcls {

/// By what a later run sees that a picture has changed.
struct PictureState {
  std::uint64_t num_bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970

  bool operator==(const PictureState&) const = default;
};

/// Of the file that a path leads to; none: there is none.
std::optional<PictureState> state_of_picture(const std::string& path);

/// Note [Picture states]. PATH.pictures, beside rows at PATH that are updated, says of each picture how large
/// and how old its file was just before it was read: a line "PATH, tab, bytes, tab, nanoseconds" each, as
/// write_record() writes tsv, the last line of a picture counting. It is a file of its own, since rows keep
/// their columns and must be readable without it. While a run is going on it is PATH.partial.pictures, and
/// gets its line before the row is written: a run that is killed leaves a line too many at most, never a row
/// that is taken for newer than it is.
class PictureStates {
 public:
  /// Those beside `rows`, a file of rows of an earlier run. Lines that are torn or odd do not count.
  explicit PictureStates(const std::filesystem::path& rows);

  /// Whether `path` is another file than the one that its row was made of. Where that is not written down,
  /// one that was modified after the rows were is; and one that is not is written down as it is now. A
  /// picture that is gone has not changed.
  bool has_changed(const std::string& path);

  /// Pictures that has_changed() met of which nothing was written down.
  std::size_t num_unknown() const { return num_unknown_; }

  /// Writes all that is known to a file beside `rows`, where note() adds to it. Throws Error (kOutput).
  void begin(const std::filesystem::path& rows);

  /// `path` is about to be read.
  void note(const std::string& path);

 private:
  std::unordered_map<std::string, PictureState> states_;
  std::int64_t rows_modified_ = 0;
  std::size_t num_unknown_ = 0;
  std::ofstream file_;
};

}  // namespace clipcls
