#include "files/partial_folder.h"

#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/follow_links.h"
#include "files/partial_path.h"
#include "files/put_in_place.h"

namespace clipcls {

namespace fs = std::filesystem;

PartialFolder::PartialFolder(FolderRequest request) : request_(std::move(request)) {
  if (request_.path == "-")
    throw Error(ErrorKind::kInvalidArgument,
                "-: a folder cannot go to standard output; a folder of that name is ./-");
  // Tidied first, as a trailing slash would follow the link and hide it; and again what it leads to.
  output_ = tidy_path(follow_links(tidy_path(request_.path)).path);
  require_replaceable();
  std::error_code error;
  if (request_.makes_parents) fs::create_directories(output_.parent_path(), error);
  // Made at once, so that what cannot be written fails before the work and not behind it.
  auto partial = std::make_unique<PartialPath>(output_);
  if (!error && !fs::create_directory(partial->path(), error) && !error)
    error = std::make_error_code(std::errc::file_exists);
  if (error) {
    throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be made: " + error.message() +
                                        "; check that the folder it lies in exists and may be written to");
  }
  partial_ = std::move(partial);
}

PartialFolder::~PartialFolder() = default;

const fs::path& PartialFolder::path() const { return partial_->path(); }

void PartialFolder::require_replaceable() const {
  std::error_code ignored;
  if (!is_there(output_)) return;
  const std::string place = request_.path.string() + ": exists already";
  if (!is_folder_of(request_.kind, output_)) {
    throw Error(ErrorKind::kOutput, place + " and is not " + std::string(output_kind_name(request_.kind)) +
                                        " alone, so it stays; give the name of a folder that is to be made");
  }
  if (request_.replaces || fs::is_empty(output_, ignored)) return;
  throw Error(ErrorKind::kOutput, place + (request_.remedy.empty() ? "" : "; " + request_.remedy));
}

void PartialFolder::commit() {
  // Looked at again when it is put in place: a run may take hours, and somebody may have put files there.
  const std::error_code error = partial_->commit([this] { require_replaceable(); },
                                                 [this](const fs::path& old) {
                                                   std::error_code ignored;
                                                   // What has been put into the old folder meanwhile is not
                                                   // ours to remove.
                                                   if (is_folder_of(request_.kind, old))
                                                     fs::remove_all(old, ignored);
                                                 });
  if (error)
    throw Error(ErrorKind::kOutput, request_.path.string() + ": cannot be put in place: " + error.message());
}

void require_outside(const fs::path& input, const fs::path& folder) {
  std::error_code ignored;
  // With a slash at the end, so that "models/a" does not count as lying in "models/ab".
  const fs::path inner = fs::weakly_canonical(fs::absolute(input), ignored) / "";
  const fs::path outer = fs::weakly_canonical(fs::absolute(folder / ""), ignored) / "";
  if (!inner.string().starts_with(outer.string())) return;
  throw Error(ErrorKind::kInvalidArgument, input.string() + ": lies in the folder " + folder.string() +
                                               ", which would be replaced; give the output another name");
}

void require_folder_can_be_made(const FolderRequest& request) { const PartialFolder made(request); }

}  // namespace clipcls
