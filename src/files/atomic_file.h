#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "files/file_descriptor.h"
#include "files/removed_at_signal.h"

namespace clipcls {

/// What becomes of a symbolic link in the place of a file that is written.
enum class Links {
  kFollowed,  ///< it stays and leads to the new file: a place that the user chose
  kReplaced,  ///< the new file takes its place, and what it led to is not touched: a place of our own
};

/// THE way to write a file: under another name beside its own, "NAME.partial-PID", until it is whole. Then it
/// is flushed to the disk and takes the name; a file that had it is there until then. The new file has the
/// mode of the old one, and its owner where that is allowed. A device is never replaced.
/// Without commit() nothing has changed and the partial file is gone, also where a signal ends the program.
/// Whether the old file may be replaced is to be asked before: OutputTarget. Everything throws Error
/// (kOutput) that names the file.
class AtomicFile {
 public:
  /// Makes the partial file. `mode` is that of a file where there was none, less the process's umask. `name`
  /// is what errors call the file; empty: its path.
  explicit AtomicFile(const std::filesystem::path& target, Links links, mode_t mode = 0666,
                      std::string name = "");
  /// Of a partial file that is there already and stays without commit(), since other runs resume it.
  AtomicFile(std::filesystem::path target, std::filesystem::path partial, std::string name);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  AtomicFile(AtomicFile&&) = delete;
  AtomicFile& operator=(AtomicFile&&) = delete;

  /// The partial file, for whoever writes it by another way.
  const std::filesystem::path& path() const { return partial_; }

  void write(std::string_view bytes);

  /// All that was written is on the disk when it returns.
  void flush();

  /// The partial file stays whatever happens: what took long to compute is not thrown away.
  void keep() {
    is_kept_ = true;
    at_signal_.reset();
  }

  /// Gives the file its name.
  void commit();

 private:
  [[noreturn]] void fail(const std::string& problem, int error) const;

  std::filesystem::path target_;
  std::filesystem::path partial_;
  std::string name_;
  FileDescriptor file_;
  bool is_kept_ = false;
  std::optional<RemovedAtSignal> at_signal_;
};

/// Writes `bytes` to a file as AtomicFile does.
void write_file(const std::filesystem::path& path, std::string_view bytes, Links links);

}  // namespace clipcls
