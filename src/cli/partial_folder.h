#pragma once

#include <filesystem>

namespace clipcls {

/// A folder that is filled under another name beside its own, ".NAME.partial-PID", and gone unless it is
/// committed.
class PartialFolder {
 public:
  /// `output` must not exist unless `replaces`: throws Error (kUsage) where it does, and Error (kOutput)
  /// where no folder can be made beside it. The folders above it are made.
  PartialFolder(const std::filesystem::path& output, bool replaces);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;
  PartialFolder(PartialFolder&&) = delete;
  PartialFolder& operator=(PartialFolder&&) = delete;

  const std::filesystem::path& path() const { return partial_; }

  /// Gives it its name, in place of what has it. Throws Error (kOutput); what was there then stays.
  void commit();

 private:
  std::filesystem::path output_;
  std::filesystem::path partial_;
  std::filesystem::path replaced_;
  bool replaces_;
};

}  // namespace clipcls
