#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>

#include "files/removed_at_signal.h"

namespace clipcls {

/// A file or a folder that is made under a hidden name beside its own, ".NAME.partial-PID", and gone unless
/// it is committed, also where a signal ends the program. For single files that are written here AtomicFile
/// does the same.
class PartialPath {
 public:
  /// Makes nothing. `target`: absolute, and no symbolic link.
  explicit PartialPath(std::filesystem::path target);
  ~PartialPath();
  PartialPath(const PartialPath&) = delete;
  PartialPath& operator=(const PartialPath&) = delete;
  PartialPath(PartialPath&&) = delete;
  PartialPath& operator=(PartialPath&&) = delete;

  /// Where it is to be made.
  const std::filesystem::path& path() const { return partial_; }

  /// Gives it its name when all of it is on the disk. What has the name is whole until then: both exchange
  /// their names, and `remove_old` gets the hidden one of the old. `require_replaceable` is called before,
  /// where something has the name, and throws where that has to stay. Returns what failed; then everything is
  /// as it was.
  std::error_code commit(const std::function<void()>& require_replaceable,
                         const std::function<void(const std::filesystem::path&)>& remove_old);

 private:
  std::filesystem::path target_;
  std::filesystem::path partial_;
  std::optional<RemovedAtSignal> at_signal_;
};

}  // namespace clipcls
