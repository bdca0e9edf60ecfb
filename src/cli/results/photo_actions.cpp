#include "cli/results/photo_actions.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/results/picture_names.h"
#include "cli/terminal/message.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"
#include "pipeline/image_name.h"

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

}  // namespace

PhotoActions::PhotoActions(PhotoFlags options, AnswerNames labels, const InputFlags& input, bool is_quiet)
    : options_(std::move(options)), labels_(std::move(labels)), is_quiet_(is_quiet) {
  if (!options_.is_needed()) return;
  PictureNames pictures = picture_names(input);
  companions_ = std::make_shared<CompanionFinder>(std::move(pictures.is_picture));
  companions_->count_as_part(std::move(pictures.is_part));
  tags_raw_files_ = input.raw.raw_files() == RawFiles::kUnlessDeveloped;
  if (!options_.sort_into.empty()) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < labels_.size(); ++i) names.emplace_back(labels_[i]);
    require_distinct_folders(names);
    sorter_.emplace(LabelFolder(options_.sort_into),
                    SortOptions{options_.action, options_.is_dry_run,
                                options_.leaves_companions ? nullptr : companions_});
  }
  if (options_.writes_xmp) xmp_.emplace();
}

void PhotoActions::leave_in_place(std::function<bool(const std::filesystem::path&)> stays) {
  if (companions_) companions_->leave_in_place(std::move(stays));
}

bool PhotoActions::apply(ImageResult& result) {
  if (!options_.is_needed()) return true;
  // What was named and is no image may belong to one: clipcls *. So may a raw file that cannot be read.
  const bool is_photo = !result.error || (is_image_name(result.path) && !is_raw_name(result.path));
  if (sorter_ && is_photo) sorter_->note_photo(result.path);
  if (result.error) return true;
  std::vector<std::string> labels = labels_that_count(result);
  try {
    Pair* const pair = sorter_ && !options_.leaves_companions ? find_pair(result.path) : nullptr;
    std::string folder = pair != nullptr ? pair->label : "";
    if (labels.empty()) {
      ++num_unsure_;
      if (pair != nullptr && folder.empty()) pair->waiting.push_back(result.path);
    } else {
      if (folder.empty()) folder = labels.front();
      labels.resize(std::min(labels.size(), options_.num_keywords));
      // Before sorting: the sidecar then goes along.
      if (xmp_) write_keywords(result.path, labels);
    }
    return !sorter_ || folder.empty() || sort(result, folder, pair);
  } catch (const Error& error) {
    print_failure(error.what());
    return false;
  }
}

bool PhotoActions::finish(bool is_whole) {
  // After a part of the images, it is not known which pictures still come.
  return !sorter_ || !is_whole || report(sorter_->finish());
}

/// Best first. "None of these", which stands behind the labels, is no label.
std::vector<std::string> PhotoActions::labels_that_count(const ImageResult& result) const {
  std::vector<std::string> labels;
  for (const RankedAnswer& prediction : result.predictions) {
    if (options_.min_score && prediction.score < *options_.min_score) break;
    if (prediction.label_index >= labels_.size()) break;
    labels.push_back(labels_[prediction.label_index]);
  }
  return labels;
}

void PhotoActions::write_keywords(const std::string& path, const std::vector<std::string>& keywords) {
  const std::filesystem::path sidecar = sidecar_path(path, options_.sidecar_name);
  if (options_.sidecar_name == SidecarName::kReplaced) {
    const std::vector<std::string> others = companions_->other_pictures(path);
    if (!others.empty()) {
      throw Error(ErrorKind::kOutput, path + ": shares the sidecar " + sidecar.filename().string() +
                                          " with " + others.front() +
                                          ", and is left out; --xmp-name append gives each its own");
    }
  }
  write_sidecar(sidecar, keywords);
  if (options_.sidecar_name == SidecarName::kReplaced || !tags_raw_files_) return;
  // The raw file of a pair has no row of its own.
  for (const std::string& part : companions_->parts(path))
    write_sidecar(sidecar_path(std::filesystem::path(path).replace_filename(part), options_.sidecar_name),
                  keywords);
}

void PhotoActions::write_sidecar(const std::filesystem::path& sidecar,
                                 const std::vector<std::string>& keywords) {
  const bool has_changed =
      options_.is_dry_run ? xmp_->would_add(sidecar, keywords) : xmp_->add(sidecar, keywords);
  if (!has_changed) return;
  ++num_tagged_;
  if (!options_.is_dry_run) {
    companions_->add(std::filesystem::absolute(sidecar));
    return;
  }
  std::string list;
  for (const std::string& keyword : keywords) list += (list.empty() ? "\"" : ", \"") + keyword + "\"";
  print_message("would write " + list + " into " + sidecar.string());
}

/// Null: no other picture of the run can be the same photograph.
PhotoActions::Pair* PhotoActions::find_pair(const std::string& path) {
  const std::filesystem::path photo = path;
  const std::string key = std::filesystem::path(companions_->picture_key(photo)).replace_extension().string();
  const auto known = pairs_.find(key);
  if (known != pairs_.end()) return &known->second;
  const auto others = companions_->other_pictures(photo);
  const bool has_other = std::ranges::any_of(
      others, [&](const std::string& other) { return is_pair(other, photo.filename().string()); });
  return has_other ? &pairs_[key] : nullptr;
}

/// False when something that belongs to the photo stays behind.
bool PhotoActions::sort(ImageResult& result, const std::string& label, Pair* pair) {
  const PhotoSorter::Placement placement = place(result.path, label, pair != nullptr ? pair->number : 1);
  if (!options_.is_dry_run) result.sorted_into = placement.target.string();
  bool is_whole = report(placement);
  if (pair == nullptr) return is_whole;
  pair->label = label;
  pair->number = placement.number;
  for (const std::string& waiting : std::exchange(pair->waiting, {}))
    is_whole = report(place(waiting, label, placement.number)) && is_whole;
  return is_whole;
}

PhotoSorter::Placement PhotoActions::place(const std::string& path, const std::string& label, int number) {
  PhotoSorter::Placement placement = sorter_->sort(path, label, number);
  ++(placement.is_new ? num_sorted_ : num_there_already_);
  if (options_.is_dry_run && placement.is_new) say_what_would_be_done(path, placement.target.string());
  return placement;
}

bool PhotoActions::report(const PhotoSorter::Placement& placement) {
  num_companions_ += placement.companions.size();
  if (options_.is_dry_run) {
    for (const PhotoSorter::PlacedFile& file : placement.companions)
      say_what_would_be_done(file.source.string(), file.target.string());
  }
  for (const std::string& problem : placement.problems) print_failure(problem);
  return placement.problems.empty();
}

void PhotoActions::say_what_would_be_done(const std::string& source, const std::string& target) const {
  print_message(std::string("would ") + verb_of(options_.action).would + " " + source + " to " + target);
}

std::string PhotoActions::how_to_undo() const {
  if (!sorter_ || !sorter_->journal()) return "";
  return "to take it back: clipcls undo " + shell_word(sorter_->journal()->path().string());
}

void PhotoActions::say_how_to_undo() const {
  const std::string undo = how_to_undo();
  if (!undo.empty()) print_message("some images were sorted before; " + undo);
}

void PhotoActions::summarize() const {
  if (!options_.is_needed() || is_quiet_) return;
  const std::string would = options_.is_dry_run ? "would be " : "";
  std::string line;
  if (sorter_) line = number_of(num_sorted_, "image") + " " + would + verb_of(options_.action).did;
  if (num_companions_ > 0) line += ", with " + number_of(num_companions_, "companion");
  if (num_there_already_ > 0) line += ", " + std::to_string(num_there_already_) + " there already";
  if (xmp_) line += (line.empty() ? "" : ", ") + number_of(num_tagged_, "sidecar") + " " + would + "written";
  if (num_unsure_ > 0) line += ", " + number_of(num_unsure_, "image") + " below the minimum score";
  const std::string undo = how_to_undo();
  if (!undo.empty()) line += "; " + undo;
  print_message(line);
  if (sorter_ && sorter_->num_without_attributes() > 0) {
    print_warning(
        "of " + number_of(sorter_->num_without_attributes(), "file") +
        " the extended attributes, which hold tags of file managers, are lost: the file system there "
        "has none");
  }
}

}  // namespace clipcls
