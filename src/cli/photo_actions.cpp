#include "photo_actions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "clipcls/error.h"
#include "message.h"
#include "shell_word.h"

namespace clipcls {
namespace {

struct Verb {
  const char* would;
  const char* did;
};

Verb verb_of(JournalAction action) {
  switch (action) {
    case JournalAction::kMove:
      return {"move", "moved"};
    case JournalAction::kHardLink:
      return {"link", "linked"};
    case JournalAction::kSymbolicLink:
      return {"symlink", "symlinked"};
    default:
      return {"copy", "copied"};
  }
}

std::string number_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void warn_of_shared_folders(const std::vector<std::string>& labels) {
  std::map<std::string, std::string> label_of_folder;
  for (const std::string& label : labels) {
    const auto [known, is_new] = label_of_folder.emplace(path_component(label), label);
    if (!is_new && known->second != label)
      print_warning("the labels \"" + known->second + "\" and \"" + label + "\" share the folder " +
                    known->first);
  }
}

}  // namespace

PhotoActions::PhotoActions(PhotoOptions options, std::vector<std::string> labels, bool is_quiet)
    : options_(std::move(options)), labels_(std::move(labels)), is_quiet_(is_quiet) {
  if (!options_.sort_into.empty()) {
    sorter_.emplace(LabelFolder(options_.sort_into), SortOptions{options_.action, options_.is_dry_run});
    if (!is_quiet_) warn_of_shared_folders(labels_);
  }
  if (options_.writes_xmp) xmp_.emplace();
}

bool PhotoActions::apply(ImageResult& result) {
  if (!options_.is_needed() || result.error) return true;
  std::vector<std::string> labels = labels_that_count(result);
  if (labels.empty()) {
    ++num_unsure_;
    return true;
  }
  try {
    // Before sorting: the sidecar then goes along.
    const std::string best = labels.front();
    labels.resize(std::min(labels.size(), options_.num_keywords));
    if (xmp_) write_keywords(result.path, labels);
    if (sorter_) sort(result, best);
    return true;
  } catch (const Error& error) {
    print_failure(error.what());
    return false;
  }
}

/// Best first. "None of these", which stands behind the labels, is no label.
std::vector<std::string> PhotoActions::labels_that_count(const ImageResult& result) const {
  std::vector<std::string> labels;
  for (const Prediction& prediction : result.predictions) {
    if (options_.min_score && prediction.score < *options_.min_score) break;
    if (prediction.label_index >= labels_.size()) break;
    labels.push_back(labels_[prediction.label_index]);
  }
  return labels;
}

void PhotoActions::write_keywords(const std::string& path, const std::vector<std::string>& keywords) {
  const std::filesystem::path sidecar = sidecar_path(path, options_.sidecar_name);
  const bool has_changed =
      options_.is_dry_run ? xmp_->would_add(sidecar, keywords) : xmp_->add(sidecar, keywords);
  if (!has_changed) return;
  ++num_tagged_;
  if (!options_.is_dry_run) return;
  std::string list;
  for (const std::string& keyword : keywords) list += (list.empty() ? "\"" : ", \"") + keyword + "\"";
  print_message("would write " + list + " into " + sidecar.string());
}

void PhotoActions::sort(ImageResult& result, const std::string& label) {
  const PhotoSorter::Placement placement = sorter_->sort(result.path, label);
  ++(placement.is_new ? num_sorted_ : num_there_already_);
  if (!options_.is_dry_run) {
    result.sorted_into = placement.target.string();
  } else if (placement.is_new) {
    print_message(std::string("would ") + verb_of(options_.action).would + " " + result.path + " to " +
                  placement.target.string());
  }
}

void PhotoActions::summarize() const {
  if (!options_.is_needed() || is_quiet_) return;
  const std::string would = options_.is_dry_run ? "would be " : "";
  std::string line;
  if (sorter_) line = number_of(num_sorted_, "image") + " " + would + verb_of(options_.action).did;
  if (num_there_already_ > 0) line += ", " + std::to_string(num_there_already_) + " there already";
  if (xmp_) line += (line.empty() ? "" : ", ") + number_of(num_tagged_, "sidecar") + " " + would + "written";
  if (num_unsure_ > 0) line += ", " + number_of(num_unsure_, "image") + " without a label that counts";
  if (sorter_ && sorter_->journal()) {
    line += "; to take it back: clipcls undo " + shell_word(sorter_->journal()->path().string());
  }
  print_message(line);
}

}  // namespace clipcls
