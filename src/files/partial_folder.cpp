#include "clipcls/files/partial_folder.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "files/follow_links.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Without "." and a trailing slash, so that the last part is the folder's name.
fs::path tidy(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

/// Not only under its name, but on the disk: a network share may tell only here that it is full.
std::error_code flush_all(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (const int problem = flush_to_disk(entry->path()); problem != 0)
      return {problem, std::system_category()};
  }
  return error ? error : std::error_code(flush_to_disk(folder), std::system_category());
}

}  // namespace

PartialFolder::PartialFolder(FolderRequest request)
    : request_(std::move(request)), output_(tidy(follow_links(tidy(request_.path)).path)) {
  if (request_.path == "-")
    throw Error(ErrorKind::kUsage, "-: a folder cannot go to standard output; a folder of that name is ./-");
  require_replaceable();
  std::error_code error;
  if (request_.makes_parents) fs::create_directories(output_.parent_path(), error);
  const fs::path partial = name_beside(output_, "partial", /*is_hidden=*/true);
  if (!error && !fs::create_directory(partial, error) && !error)
    error = std::make_error_code(std::errc::file_exists);
  if (error) {
    throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be made: " + error.message() +
                                        "; check that the folder it lies in exists and may be written to");
  }
  partial_ = partial;
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
  std::error_code error = flush_all(partial_);
  if (!error) {
    require_replaceable();  // it may be another one by now
    int problem = rename_without_replacing(partial_, output_);
    if (problem == EEXIST) {
      // The old one is whole until then; behind that it has the hidden name, and goes with it.
      problem = exchange_names(partial_, output_, name_beside(output_, "replaced", /*is_hidden=*/true));
    }
    if (problem == 0) {
      std::error_code ignored;  // what somebody has put into the old one meanwhile stays
      if (is_folder_of(request_.kind, partial_)) fs::remove_all(partial_, ignored);
      partial_.clear();
      return;
    }
    error.assign(problem, std::system_category());
  }
  throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be put in place: " + error.message());
}

void require_folder_can_be_made(const FolderRequest& request) { const PartialFolder made(request); }

}  // namespace clipcls
