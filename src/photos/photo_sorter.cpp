// A photo is placed in three steps: plan() says what would go where, is_free() whether all these names can
// be had, and carry_out() writes the plan into the journal and then does it. Companions that may still come
// as photos of their own wait in later_ until finish().
#include "photos/photo_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "file_names.h"
#include "journal_line.h"
#include "place_file.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxNumber = 1'000'000;  // of files of one name

void require_writable(const fs::path& folder) {
  const std::vector<fs::path> missing = missing_folders(folder);
  // Nothing is made yet: the nearest folder that exists must be writable.
  const fs::path& existing = missing.empty() ? folder : missing.front().parent_path();
  std::error_code ignored;
  if (!fs::is_directory(existing, ignored))
    throw Error(ErrorKind::kOutput, existing.string() + ": is not a folder");
  if (access(existing.c_str(), W_OK | X_OK) != 0)
    throw Error(ErrorKind::kOutput, existing.string() + ": cannot be written to");
}

void require_there(const fs::path& photo, const fs::path& source, JournalAction action) {
  std::error_code error;
  const auto type = fs::symlink_status(source, error).type();
  if (type == fs::file_type::not_found)
    throw Error(ErrorKind::kOutput, photo.string() + ": is not there any more; was it given twice?");
  if (type == fs::file_type::symlink && action == JournalAction::kMove) {
    throw Error(ErrorKind::kOutput, photo.string() +
                                        ": is a symbolic link, and stays where it is; `copy`, `link` and "
                                        "`symlink` take the file that it stands for");
  }
}

std::size_t longest_behind_stem(const fs::path& photo, std::span<const Companion> companions) {
  std::size_t longest = photo.extension().native().size();
  for (const Companion& companion : companions) longest = std::max(longest, companion.after_stem.size());
  return longest;
}

}  // namespace

PhotoSorter::PhotoSorter(LabelFolder folder, SortOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
  require_writable(without_last_slash(absolute_path(folder_.root())));
}

PhotoSorter::Placement PhotoSorter::sort(const fs::path& photo, std::string_view label, int first_number) {
  require_usable_path(photo);
  const fs::path source = absolute_path(photo);
  require_there(photo, source, options_.action);
  const fs::path folder = folder_.of(label);
  std::vector<Companion> companions;
  if (options_.companions) companions = options_.companions->find(source);
  const std::size_t num_bytes_behind = longest_behind_stem(source, companions);
  // The photo and its companions share a number: all names of a plan have to be free, or the next one is
  // tried.
  for (int number = first_number; number <= kMaxNumber; ++number) {
    const fs::path target = folder / (numbered_stem(source.stem().string(), number, num_bytes_behind) +
                                      source.extension().string());
    const bool was_taken = is_taken(target);
    const bool is_there = was_taken && is_there_already(source, target);
    Placement placement{target, !is_there, number};
    // The photo itself lies there, by this path or another one: nothing is to be moved.
    if (is_there && options_.action == JournalAction::kMove) return placement;
    Plan plan = this->plan(source, absolute_path(target), is_there, companions);
    if ((is_there || is_free(plan)) && carry_out(std::move(plan), placement)) {
      for (PlacedFile& file : placement.companions) {  // as the photo was named
        file = {photo.parent_path() / file.source.filename(), target.parent_path() / file.target.filename()};
      }
      if (number > 1) last_number_[folder / source.filename()] = number;
      return placement;
    }
    // Another run has just put something there, perhaps this very photo.
    if (!was_taken && is_taken(target)) {
      --number;
      continue;
    }
    // What is moved is nowhere yet: the numbers that were given before need not be tried again.
    const auto last = last_number_.find(folder / source.filename());
    if (options_.action == JournalAction::kMove && last != last_number_.end())
      number = std::max(number, last->second);
  }
  throw Error(ErrorKind::kOutput, photo.string() + ": stays: there are " + std::to_string(kMaxNumber) +
                                      " files of that name in " + folder.string());
}

PhotoSorter::Plan PhotoSorter::plan(const fs::path& source, const fs::path& target, bool is_there,
                                    const std::vector<Companion>& companions) const {
  Plan plan{!is_there, {}, {}, {}};
  if (!is_there) plan.steps.push_back({options_.action, source, target, FileIdentity::of(source)});
  for (const Companion& companion : companions) {
    const fs::path beside = target.parent_path() / (target.stem().string() + companion.after_stem);
    if (!is_to_go(companion, plan) || is_there_already(companion.path, beside)) continue;
    // Beside a photo that came earlier somebody may have edited it.
    if (is_there && is_taken(beside)) continue;
    JournalStep step{options_.action, companion.path, beside, FileIdentity::of(companion.path)};
    if (companion.picture.empty()) {
      plan.steps.push_back(std::move(step));
    } else {
      // Another picture, which may still come as a photo with a label of its own; finish() places it if not.
      plan.later.emplace(companion.picture, std::move(step));
    }
  }
  return plan;
}

bool PhotoSorter::is_to_go(const Companion& companion, Plan& plan) const {
  if (photos_.contains(companion.picture) || gone_.contains(companion.path)) return false;
  std::error_code ignored;
  const auto type = fs::symlink_status(companion.path, ignored).type();
  if (type == fs::file_type::symlink && options_.action == JournalAction::kMove) {
    plan.problems.push_back(companion.path.string() + ": is a symbolic link, and stays where it is");
    return false;
  }
  return fs::is_regular_file(companion.path, ignored);  // it may have gone with another photo
}

bool PhotoSorter::is_there_already(const fs::path& source, const fs::path& target) const {
  if (!is_taken(target)) return false;
  std::error_code ignored;
  if (options_.action == JournalAction::kSymbolicLink && fs::read_symlink(target, ignored) == source)
    return true;
  if (fs::equivalent(source, target, ignored)) return true;
  return options_.action == JournalAction::kCopy && has_equal_bytes(source, target);
}

bool PhotoSorter::is_free(const Plan& plan) const {
  const auto is_free = [&](const JournalStep& step) {
    return !planned_.contains(step.target) && !is_taken(step.target);
  };
  return std::ranges::all_of(plan.steps, is_free) &&
         std::ranges::all_of(plan.later, [&](const auto& entry) { return is_free(entry.second); });
}

/// False when the photo's name was taken meanwhile, by another program.
bool PhotoSorter::carry_out(Plan plan, Placement& placement) {
  if (!options_.is_dry_run && !plan.steps.empty()) {
    make_folder(plan.steps.front().target.parent_path());
    // Note [Journals]: before anything is placed.
    journal_->write(plan.steps);
  }
  // The photo is the first step. Where it fails nothing else is done; a companion that fails is a line of the
  // report, as its photo is in place by then.
  bool is_photo = plan.has_photo;
  for (const JournalStep& step : plan.steps) {
    try {
      if (place(step)) {
        if (!is_photo) placement.companions.push_back({step.source, step.target});
      } else if (is_photo) {
        return false;
      } else {
        plan.problems.push_back(step.source.string() + ": stays: " + step.target.string() + " exists");
      }
    } catch (const Error& error) {
      if (is_photo) throw;
      plan.problems.emplace_back(error.what());
    }
    is_photo = false;
  }
  // The name is kept free for them, though they may never come.
  for (const auto& [picture, step] : plan.later) planned_.insert(step.target);
  later_.merge(plan.later);
  placement.problems = std::move(plan.problems);
  return true;
}

bool PhotoSorter::place(const JournalStep& step) {
  if (options_.is_dry_run) {
    planned_.insert(step.target);
    if (step.action == JournalAction::kMove) gone_.insert(step.source);
    return true;
  }
  bool keeps_attributes = true;
  const bool is_placed = place_file(step, &keeps_attributes);
  if (!keeps_attributes) ++num_without_attributes_;
  return is_placed;
}

void PhotoSorter::note_photo(const fs::path& photo) {
  if (!options_.companions) return;
  try {
    const fs::path path = absolute_path(photo);
    const std::string key = options_.companions->picture_key(path);
    const auto [begin, end] = later_.equal_range(key);
    for (auto entry = begin; entry != end; ++entry) planned_.erase(entry->second.target);
    later_.erase(begin, end);
    // Photos without relatives are not remembered: a run of millions would fill the memory with them.
    const bool has_others = path.stem().has_extension() || !options_.companions->other_pictures(path).empty();
    if (has_others) photos_.insert(key);
  } catch (const Error&) {
    // In a folder that cannot be listed, no photo takes it along.
  }
}

PhotoSorter::Placement PhotoSorter::finish() {
  Placement placement;
  for (auto& [picture, step] : std::exchange(later_, {})) {
    Plan plan{false, {}, {}, {}};
    if (is_to_go({step.source, {}, {}}, plan) && !is_there_already(step.source, step.target)) {
      planned_.erase(step.target);
      step.identity = FileIdentity::of(step.source);
      plan.steps.push_back(std::move(step));
    }
    // carry_out() sets the problems of one plan, and here there are many.
    std::vector<std::string> problems = std::exchange(placement.problems, {});
    try {
      carry_out(std::move(plan), placement);
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
    placement.problems.insert(placement.problems.begin(), problems.begin(), problems.end());
  }
  return placement;
}

void PhotoSorter::make_folder(const fs::path& folder) {
  std::vector<JournalStep> steps;
  for (const fs::path& missing : missing_folders(without_last_slash(folder)))
    steps.push_back({JournalAction::kMakeFolder, {}, missing});
  if (journal_ && steps.empty()) return;
  if (!journal_) {
    const fs::path root = without_last_slash(absolute_path(folder_.root()));
    make_folders(root);
    // The journal lies in the root, so that folder is made before there is a journal to name it; the steps
    // still do.
    journal_.emplace(root, steps);
  } else {
    journal_->write(steps);
  }
  make_folders(folder);
}

}  // namespace clipcls
