#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>

#include "files/atomic_file.h"
#include "files/output_target.h"

namespace clipcls {

/// Ends the message about a file that is not replaced.
inline constexpr const char* kOverwriteRemedy = "--overwrite replaces it";

/// Where results go: standard output, or a file that shows up whole or not at all.
class OutputFile {
 public:
  /// Standard output.
  OutputFile();
  /// Throws Error (kOutput) when the file cannot be written. There is no file before the first stream(), so
  /// that a run that is ended while its model loads leaves none.
  explicit OutputFile(OutputTarget target);
  /// Appends to `partial_path` until commit(), and leaves it there without one: the file of a ResumableFile.
  OutputFile(OutputTarget target, std::filesystem::path partial_path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile(OutputFile&&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;

  /// Throws Error (kOutput) when the file cannot be written any more.
  std::ostream& stream();

  /// Throws Error (kOutput) when something written so far was lost: the disk is full, the pipe closed.
  void check();

  /// Puts the file under its name. Throws Error (kOutput) that says where the results are if that fails.
  void commit();

 private:
  std::unique_ptr<AtomicFile> make_file() const;

  OutputTarget target_;
  std::filesystem::path kept_path_;         ///< the partial file that stays; empty: one is made
  std::unique_ptr<AtomicFile> whole_file_;  ///< none: the target is no ordinary file, or not begun
  std::ofstream file_;
};

}  // namespace clipcls
