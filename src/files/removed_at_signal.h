#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <memory>

namespace clipcls {

/// A path of our own that is to be gone when the program is: while this lives, a signal that ends the program
/// removes it, where end_by_signals_without_remains() was called. Destructors do not run then. A folder goes
/// with the files in it, unless there is a folder among them.
class RemovedAtSignal {
 public:
  /// Nothing need be there yet.
  explicit RemovedAtSignal(const std::filesystem::path& path);
  /// Only while it is the file that `made` describes: other programs may give its name to another one.
  RemovedAtSignal(const std::filesystem::path& path, const struct stat& made);
  ~RemovedAtSignal();
  RemovedAtSignal(const RemovedAtSignal&) = delete;
  RemovedAtSignal& operator=(const RemovedAtSignal&) = delete;
  RemovedAtSignal(RemovedAtSignal&&) = delete;
  RemovedAtSignal& operator=(RemovedAtSignal&&) = delete;

  struct Path;

 private:
  explicit RemovedAtSignal(std::unique_ptr<Path> path);

  std::unique_ptr<Path> path_;
  std::size_t place_ = 0;  ///< in the list that a signal's handler reads
};

/// For the start of a program: Ctrl-C, a request to end, the end of the terminal and of the processor time
/// (SIGINT, SIGTERM, SIGHUP, SIGXCPU) end it as ever, but remove what is RemovedAtSignal before. What is
/// ignored or handled already stays so.
void end_by_signals_without_remains();

}  // namespace clipcls
