#include "archive_error.h"

#include "error_reason.h"
#include "model/torch_library.h"

namespace clipcls {

Error unloadable_archive(const std::filesystem::path& path, const std::string& written_by,
                         const std::exception& exception) {
  const std::string writer = written_by.empty() ? "" : "written by torch " + written_by + ", ";
  std::string cause = reason(exception);
  if (cause == kNotEnoughMemory) return {ErrorKind::kModel, path.string() + ": cannot be loaded: " + cause};
  if (cause.ends_with('.')) cause.pop_back();
  std::string message = path.string() + ": is not a TorchScript archive that this libtorch can load (" +
                        writer + "this is " + torch_version() + "): " + cause;
  // Of one version the archive itself is damaged, and another libtorch would not help.
  if (!written_by.empty() && written_by != torch_version()) {
    message += "; use a libtorch of the version that wrote it, or export the model again with this one's";
  }
  return {ErrorKind::kModel, message};
}

}  // namespace clipcls
