#include "partial_folder.h"

#include <unistd.h>

#include <string>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Without "." and a trailing slash, so that the last part is the folder's name.
fs::path tidy(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

/// A hidden name: no list of models shows it.
fs::path beside(const fs::path& output, const char* word) {
  std::string name = ".";
  name += output.filename().string();
  name += std::string(".") + word + "-" + std::to_string(getpid());
  return output.parent_path() / name;
}

}  // namespace

PartialFolder::PartialFolder(const fs::path& output, bool replaces)
    : output_(tidy(output)),
      partial_(beside(output_, "partial")),
      replaced_(beside(output_, "replaced")),
      replaces_(replaces) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(output_, error)) && !replaces) {
    throw Error(ErrorKind::kUsage, output.string() + ": exists; --force replaces it");
  }
  fs::create_directories(output_.parent_path(), error);
  if (!error) fs::create_directory(partial_, error);
  if (error) throw Error(ErrorKind::kOutput, output.string() + ": cannot be made: " + error.message());
}

PartialFolder::~PartialFolder() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
  fs::remove_all(replaced_, ignored);
}

void PartialFolder::commit() {
  std::error_code error;
  const bool moves_old = replaces_ && fs::exists(fs::symlink_status(output_, error));
  if (moves_old) fs::rename(output_, replaced_, error);
  if (!moves_old || !error) fs::rename(partial_, output_, error);
  if (!error) return;
  std::error_code ignored;
  if (moves_old && !fs::exists(fs::symlink_status(output_, ignored))) fs::rename(replaced_, output_, ignored);
  throw Error(ErrorKind::kOutput, output_.string() + ": cannot be written: " + error.message());
}

}  // namespace clipcls
