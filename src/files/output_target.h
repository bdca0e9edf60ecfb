#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "files/output_kind.h"

namespace clipcls {

/// What a user asked for.
struct OutputRequest {
  std::string path;  ///< empty: standard output
  OutputKind kind = OutputKind::kResults;
  bool replaces_anything = false;  ///< also a file that does not begin as `kind` does
  std::string remedy{};            ///< ends the message about such a file: what the user may do
  bool is_continued = false;  ///< the file is read first; what it is called on then: require_replaceable()
};

/// What stands behind the name of a file of rows in the names of those beside it, see ResumableFile: the rows
/// so far, the settings that rows were made with, and how their pictures were then.
inline constexpr const char* kPartialEnding = ".partial";
inline constexpr const char* kSettingsEnding = ".resume";
inline constexpr const char* kPicturesEnding = ".pictures";

/// A file whatever it is called: its device and inode.
using FileNumber = std::pair<dev_t, ino_t>;
/// Of an input; "-" is standard input. None: there is no such file.
std::optional<FileNumber> number_of_file(const std::string& input);

/// What a run reads. Names that are no files do no harm; "-" is standard input.
struct FilesInUse {
  std::vector<std::string> files;
  std::vector<std::string> folders;  ///< all files in them, not those of the folders in them

  /// The files, and those in the folders.
  std::vector<std::string> all() const;
};

/// A file that results are to go to, before anything is opened. Whoever writes one for a user goes through
/// here, so that nothing is destroyed which is no such result: pictures above all.
class OutputTarget {
 public:
  /// Follows symbolic links to the file itself. Throws Error (kOutput) that says why it is not written:
  ///   it is a folder or a disk, it may not be written to,
  ///   it is one of the files that the run reads, by whatever name,
  ///   it holds something else than `kind`.
  OutputTarget(OutputRequest request, const FilesInUse& inputs);

  bool is_standard_output() const { return request_.path.empty(); }
  /// A pipe, a device or an open descriptor: written to as it comes.
  bool is_stream() const { return is_stream_; }
  /// As the user gave it.
  const std::string& name() const { return request_.path; }
  /// The file itself, or the one to be made.
  const std::filesystem::path& path() const { return path_; }

  /// Throws Error (kInvalidArgument) when `input`, which became known later, is this file. Nothing is looked
  /// up where there was no file at the start.
  void require_is_not(const std::string& input) const;

  /// Throws Error (kInvalidArgument) when a run would write `other` too.
  void require_apart(const OutputTarget& other) const;

  /// Throws Error (kOutput) when there is a file that holds something else than the kind.
  void require_replaceable() const;

  /// Another file beside, of the same rule: `ending` behind the name.
  OutputTarget beside(const std::string& ending, OutputKind kind) const;

  /// Whether `file` is this file, what is written meanwhile, or the settings beside it.
  bool has_part(const std::filesystem::path& file) const;

  /// Gives the open file that is to take the place of this one its mode, and its owner where that is allowed.
  void keep_mode(int descriptor) const;

 private:
  void require_none_of(const FilesInUse& inputs) const;
  void require_can_be_written(mode_t mode) const;

  OutputRequest request_;
  std::filesystem::path path_;
  bool is_stream_ = false;
  std::optional<FileNumber> number_;  ///< of the ordinary file that is there; none: there is none
};

}  // namespace clipcls
