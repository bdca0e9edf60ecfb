#include "files/partial_path.h"

#include <cerrno>
#include <utility>

#include "files/file_descriptor.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Not only under its name, but on the disk: a network share may tell only here that it is full.
std::error_code flush_all(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fs::directory_iterator entry(path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (const int problem = flush_to_disk(entry->path()); problem != 0)
        return {problem, std::system_category()};
    }
  }
  return error ? error : std::error_code(flush_to_disk(path), std::system_category());
}

}  // namespace

PartialPath::PartialPath(fs::path target)
    : target_(std::move(target)), partial_(name_beside(target_, "partial", /*is_hidden=*/true)) {
  at_signal_.emplace(partial_);
}

PartialPath::~PartialPath() {
  std::error_code ignored;
  if (!partial_.empty()) fs::remove_all(partial_, ignored);
}

std::error_code PartialPath::commit(const std::function<void()>& require_replaceable,
                                    const std::function<void(const fs::path&)>& remove_old) {
  // As with a file: bytes first, name second.
  if (const std::error_code error = flush_all(partial_)) return error;
  // Where nothing has the name, nothing is replaced, whatever appears in between.
  int problem = rename_without_replacing(partial_, target_);
  const bool is_replacing = problem == EEXIST;
  if (is_replacing) {
    require_replaceable();
    at_signal_.reset();  // the old one has the name then, perhaps with files of somebody else
    problem = exchange_names(partial_, target_, name_beside(target_, "replaced", /*is_hidden=*/true));
  }
  if (problem != 0) return {problem, std::system_category()};
  // On the disk before the old one goes. The name is given by then: a folder that cannot be flushed is no
  // reason to call it a failure.
  static_cast<void>(flush_folder_of(target_));
  // The old one has the hidden name now; what somebody has put into it meanwhile stays.
  if (is_replacing) remove_old(partial_);
  partial_.clear();
  return {};
}

}  // namespace clipcls
