#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "files/output_kind.h"

namespace clipcls {

class PartialPath;

/// A folder that a user asked for.
struct FolderRequest {
  std::filesystem::path path;
  OutputKind kind = OutputKind::kModelFolder;
  bool replaces = false;       ///< one of the same kind; anything else always stays
  bool makes_parents = false;  ///< also the folders above it
  std::string remedy{};        ///< ends the message about a folder of the same kind
};

/// A folder that is filled under another name beside its own, ".NAME.partial-PID", and gone unless it is
/// committed.
class PartialFolder {
 public:
  /// Where `path` exists, it must be an empty folder, or one of the kind with `replaces`. Throws Error
  /// (kOutput) that says what is in the way, also where no folder can be made beside it.
  explicit PartialFolder(FolderRequest request);
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;
  PartialFolder(PartialFolder&&) = delete;
  PartialFolder& operator=(PartialFolder&&) = delete;

  const std::filesystem::path& path() const;

  /// Gives it its name when it is on the disk, in place of what has it. Throws Error (kOutput); what was
  /// there then stays.
  void commit();

 private:
  void require_replaceable() const;

  FolderRequest request_;
  std::filesystem::path output_;
  std::unique_ptr<PartialPath> partial_;
};

/// Throws Error (kInvalidArgument) where `input`, which a run reads, is `folder`, which it would replace, or
/// lies in it.
void require_outside(const std::filesystem::path& input, const std::filesystem::path& folder);

/// Throws what PartialFolder throws, and leaves nothing behind.
void require_folder_can_be_made(const FolderRequest& request);

}  // namespace clipcls
