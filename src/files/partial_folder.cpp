#include "clipcls/files/partial_folder.h"

#include <unistd.h>

#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/follow_links.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Without "." and a trailing slash, so that the last part is the folder's name.
fs::path tidy(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

/// A hidden name: no list of models shows it. One that is taken is of a process of this number that was
/// killed.
fs::path beside(const fs::path& output, const std::string& word) {
  std::string name = ".";
  name.append(output.filename().string())
      .append(".")
      .append(word)
      .append("-")
      .append(std::to_string(getpid()));
  fs::path path = output.parent_path() / name;
  std::error_code ignored;
  for (int i = 1; fs::exists(fs::symlink_status(path, ignored)); ++i)
    path = output.parent_path() / (name + "-").append(std::to_string(i));
  return path;
}

}  // namespace

PartialFolder::PartialFolder(FolderRequest request)
    : request_(std::move(request)), output_(tidy(follow_links(tidy(request_.path)).path)) {
  if (request_.path == "-")
    throw Error(ErrorKind::kUsage, "-: a folder cannot go to standard output; a folder of that name is ./-");
  require_replaceable();
  std::error_code error;
  if (request_.makes_parents) fs::create_directories(output_.parent_path(), error);
  const fs::path partial = beside(output_, "partial");
  if (!error && !fs::create_directory(partial, error) && !error)
    error = std::make_error_code(std::errc::file_exists);
  if (error) {
    throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be made: " + error.message() +
                                        "; check that the folder it lies in exists and may be written to");
  }
  partial_ = partial;
  replaced_ = beside(output_, "replaced");
}

PartialFolder::~PartialFolder() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

void PartialFolder::require_replaceable() const {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(output_, ignored))) return;
  const std::string place = request_.path.string() + ": exists already";
  if (!is_folder_of(request_.kind, output_)) {
    throw Error(ErrorKind::kOutput, place + " and is not " + std::string(output_kind_name(request_.kind)) +
                                        " alone, so it stays; give the name of a folder that is to be made");
  }
  if (request_.replaces || fs::is_empty(output_, ignored)) return;
  throw Error(ErrorKind::kOutput, place + (request_.remedy.empty() ? "" : "; " + request_.remedy));
}

void PartialFolder::commit() {
  require_replaceable();  // it may be another one by now
  std::error_code error;
  const bool moves_old = fs::exists(fs::symlink_status(output_, error));
  if (moves_old) fs::rename(output_, replaced_, error);
  if (!moves_old || !error) fs::rename(partial_, output_, error);
  std::error_code ignored;
  if (!error) {
    fs::remove_all(replaced_, ignored);
    return;
  }
  if (moves_old && !fs::exists(fs::symlink_status(output_, ignored))) fs::rename(replaced_, output_, ignored);
  throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be put in place: " + error.message());
}

void require_folder_can_be_made(const FolderRequest& request) { const PartialFolder made(request); }

}  // namespace clipcls
