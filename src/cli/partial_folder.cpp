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
    : output_(tidy(output)), partial_(beside(output_, "partial")), replaced_(beside(output_, "replaced")) {
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
  if (fs::exists(fs::symlink_status(output_, error))) fs::rename(output_, replaced_, error);
  if (!error || error == std::errc::no_such_file_or_directory) fs::rename(partial_, output_, error);
  if (error) throw Error(ErrorKind::kOutput, output_.string() + ": cannot be written: " + error.message());
}

}  // namespace clipcls
