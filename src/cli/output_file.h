#pragma once

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

namespace clipcls {

/// Where results go: standard output, or a file that shows up whole or not at all.
class OutputFile {
 public:
  /// `path` empty: standard output. Throws Error (kOutput) when the file cannot be written. There is no file
  /// before the first stream(), so that a run that is ended while its model loads leaves none.
  explicit OutputFile(const std::string& path);
  /// Appends to `partial_path` until commit(), and leaves it there without one: the file of a ResumableFile.
  OutputFile(const std::string& path, std::filesystem::path partial_path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile(OutputFile&&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;

  /// Throws Error (kOutput) when the file cannot be written any more.
  std::ostream& stream();

  /// Throws Error (kOutput) when something written so far was lost: the disk is full, the pipe closed.
  void check();

  /// Puts the file under its name. Throws Error (kOutput).
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_path_;  ///< what is written until commit(); empty: path_ is no ordinary file
  bool is_partial_kept_ = false;
  std::ofstream file_;
};

/// Throws Error (kOutput) when `path` is a folder.
void require_no_folder(const std::string& path);

}  // namespace clipcls
