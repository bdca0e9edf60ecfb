#include "clipcls/photos/photo_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "place_file.h"

namespace clipcls {
namespace {

/// The folders of `folder` that do not exist, the outermost first.
std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> missing;
  for (std::filesystem::path path = folder; !path.empty() && !is_taken(path); path = path.parent_path())
    missing.push_back(path);
  std::reverse(missing.begin(), missing.end());
  return missing;
}

void require_writable(const std::filesystem::path& folder) {
  const std::vector<std::filesystem::path> missing = missing_folders(folder);
  const std::filesystem::path& existing = missing.empty() ? folder : missing.front().parent_path();
  std::error_code ignored;
  if (!std::filesystem::is_directory(existing, ignored))
    throw Error(ErrorKind::kOutput, "--sort-into: " + existing.string() + " is not a folder");
  if (access(existing.c_str(), W_OK | X_OK) != 0)
    throw Error(ErrorKind::kOutput, "--sort-into: " + existing.string() + " cannot be written to");
}

std::filesystem::path without_last_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

std::filesystem::path numbered(const std::filesystem::path& name, int number) {
  if (number == 1) return name;
  return name.stem().string() + "-" + std::to_string(number) + name.extension().string();
}

}  // namespace

PhotoSorter::PhotoSorter(LabelFolder folder, SortOptions options)
    : folder_(std::move(folder)), options_(options) {
  require_writable(without_last_slash(std::filesystem::absolute(folder_.root())));
}

PhotoSorter::Placement PhotoSorter::sort(const std::filesystem::path& photo, std::string_view label) {
  const std::filesystem::path source = std::filesystem::absolute(photo);
  std::error_code error;
  const auto type = std::filesystem::symlink_status(source, error).type();
  if (type == std::filesystem::file_type::not_found)
    throw Error(ErrorKind::kOutput, photo.string() + ": is not there any more; was it given twice?");
  if (type == std::filesystem::file_type::symlink && options_.action == JournalAction::kMove) {
    throw Error(ErrorKind::kOutput, photo.string() +
                                        ": is a symbolic link, and stays where it is; --copy, --link and "
                                        "--symlink take the file that it stands for");
  }
  const std::filesystem::path folder = folder_.of(label);
  const std::vector<Sidecar> sidecars = sidecars_.find(source);
  for (int number = 1;; ++number) {
    const std::filesystem::path target = folder / numbered(source.filename(), number);
    if (is_there_already(source, target)) return {target, false};
    std::vector<JournalStep> steps = plan(source, sidecars, std::filesystem::absolute(target));
    if (!is_free(steps)) continue;
    if (options_.is_dry_run) {
      for (JournalStep& step : steps) planned_.insert(std::move(step.target));
      return {target, true};
    }
    make_folder(std::filesystem::absolute(folder));
    if (do_steps(std::move(steps))) return {target, true};
  }
}

std::vector<JournalStep> PhotoSorter::plan(const std::filesystem::path& source,
                                           const std::vector<Sidecar>& sidecars,
                                           const std::filesystem::path& target) const {
  std::vector<JournalStep> steps = {{options_.action, source, target, FileIdentity::of(source)}};
  for (const Sidecar& sidecar : sidecars) {
    steps.push_back({options_.action, sidecar.path, target.parent_path() / sidecar.name_beside(target),
                     FileIdentity::of(sidecar.path)});
  }
  return steps;
}

bool PhotoSorter::is_there_already(const std::filesystem::path& source,
                                   const std::filesystem::path& target) const {
  if (!is_taken(target)) return false;
  std::error_code ignored;
  if (options_.action == JournalAction::kSymbolicLink &&
      std::filesystem::read_symlink(target, ignored) == source)
    return true;
  if (std::filesystem::equivalent(source, target, ignored)) return true;
  return options_.action == JournalAction::kCopy && has_equal_bytes(source, target);
}

bool PhotoSorter::is_free(const std::vector<JournalStep>& steps) const {
  return std::ranges::none_of(steps, [&](const JournalStep& step) {
    return is_taken(step.target) || planned_.contains(step.target);
  });
}

/// False when the photo's name was taken meanwhile, by another program.
bool PhotoSorter::do_steps(std::vector<JournalStep> steps) {
  journal_->write(steps);
  if (!place_file(steps.front())) return false;
  for (auto step = steps.begin() + 1; step != steps.end(); ++step) {
    if (!place_file(*step))
      throw Error(ErrorKind::kOutput,
                  step->source.string() + ": stays: " + step->target.string() + " exists");
  }
  return true;
}

void PhotoSorter::make_folder(const std::filesystem::path& folder) {
  std::vector<JournalStep> steps;
  for (const std::filesystem::path& missing : missing_folders(without_last_slash(folder)))
    steps.push_back({JournalAction::kMakeFolder, {}, missing});
  if (journal_ && steps.empty()) return;
  const auto make = [](const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) throw Error(ErrorKind::kOutput, path.string() + ": cannot be made: " + error.message());
  };
  if (!journal_) {
    const std::filesystem::path root = without_last_slash(std::filesystem::absolute(folder_.root()));
    make(root);
    journal_.emplace(root, steps);
  } else {
    journal_->write(steps);
  }
  make(folder);
}

}  // namespace clipcls
