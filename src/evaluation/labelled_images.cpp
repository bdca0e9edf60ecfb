#include "evaluation/labelled_images.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "clipcls/error.h"
#include "files/csv.h"
#include "files/follow_links.h"
#include "files/text_file.h"
#include "pipeline/image_source.h"
#include "pipeline/junk_names.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListed = 5;

[[noreturn]] void fail(const std::string& place, const std::string& message) {
  throw Error(ErrorKind::kInvalidArgument, place + ": " + message);
}

std::vector<std::string> list_pictures(const fs::path& folder, RawFiles raw_files) {
  std::vector<std::string> paths;
  const std::unique_ptr<ImageSource> source =
      make_path_source({folder.string()}, {.is_recursive = true, .raw_files = raw_files});
  while (const std::optional<ImageInput> input = source->next()) {
    // A class that can be read in part would be measured in part, without a word.
    if (input->error) fail(input->path, input->error->what());
    paths.push_back(input->path);
  }
  return paths;
}

/// Sorted by class, then by path.
using PathsOfClass = std::map<std::string, std::vector<std::string>>;

PathsOfClass read_folder(const fs::path& folder, RawFiles raw_files) {
  std::vector<fs::path> folders;
  std::error_code error;
  auto entry = fs::directory_iterator(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!is_junk_name(entry->path().filename().string()) && entry->is_directory(ignored))
      folders.push_back(entry->path());
  }
  if (error) fail(folder.string(), "cannot be read: " + error.message());
  // A disk lists them in any order, and the choice of examples goes by the order of the pictures.
  std::ranges::sort(folders);
  PathsOfClass paths;
  for (const fs::path& of_label : folders) {
    const std::vector<std::string> pictures = list_pictures(of_label, raw_files);
    if (pictures.empty())
      fail(of_label.string(), "has no picture; put some into this class, or remove its folder");
    // Two folders whose names look alike are one class.
    std::vector<std::string>& of_class = paths[std::string(trim_invisible(of_label.filename().string()))];
    of_class.insert(of_class.end(), pictures.begin(), pictures.end());
  }
  if (paths.empty())
    fail(folder.string(), "has no folders; pictures lie in a folder a label, as in cat/1.jpg");
  return paths;
}

PathsOfClass read_csv(const std::string& file) {
  PathsOfClass paths;
  std::vector<CsvRow> rows = read_csv_rows(file);
  std::size_t path_column = 0;
  std::size_t label_column = 1;
  if (!rows.empty()) {
    const auto& first = rows.front().cells;
    const auto path = std::ranges::find(first, "path", trim_invisible);
    const auto label = std::ranges::find(first, "label", trim_invisible);
    // Columns by name where there is a header, else the first two.
    if (path != first.end() && label != first.end()) {
      path_column = static_cast<std::size_t>(path - first.begin());
      label_column = static_cast<std::size_t>(label - first.begin());
      rows.erase(rows.begin());
    }
  }
  // /dev/stdin, /dev/fd/N: what is open already lies in no folder, so that paths are those of the program.
  const bool is_open_already = file != "-" && follow_links(file).is_descriptor;
  const fs::path folder = is_open_already ? fs::path() : fs::path(file).parent_path();
  for (const CsvRow& row : rows) {
    const std::string place = place_of(file) + ":" + std::to_string(row.line);
    if (row.cells.size() <= std::max(path_column, label_column))
      fail(place, "has " + std::to_string(row.cells.size()) + " cells; a row is path,label");
    const std::string& path = row.cells[path_column];
    const std::string label(trim_invisible(row.cells[label_column]));
    if (path.empty() || label.empty()) fail(place, "has an empty cell; a row is path,label");
    // Relative to the table, so that it can be moved together with its pictures. An absolute path stays one.
    paths[label].push_back((folder / path).string());
  }
  if (paths.empty()) fail(place_of(file), "has no rows; a row is path,label");
  for (auto& [label, of_class] : paths) std::ranges::sort(of_class);
  return paths;
}

std::optional<std::size_t> find_label(const std::string& name, const AnswerNames& labels,
                                      const std::vector<std::string>& folded_labels) {
  // The exact name first: "Cat" and "cat" may both be labels.
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == name) return i;
  }
  const std::string folded = fold_label(name);
  // Two labels that differ by case alone leave open which one is meant.
  if (std::ranges::count(folded_labels, folded) != 1) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::find(folded_labels, folded) - folded_labels.begin());
}

}  // namespace

LabelledImages read_labelled_images(const std::string& source, RawFiles raw_files) {
  std::error_code ignored;
  if (source != "-" && !fs::exists(source, ignored)) fail(source, "no such folder or CSV file");
  LabelledImages images;
  const PathsOfClass paths_of_class =
      fs::is_directory(source, ignored) ? read_folder(source, raw_files) : read_csv(source);
  for (const auto& [label, paths] : paths_of_class) {
    require_label(label, source + ": class");
    for (const std::string& path : paths) {
      images.paths.push_back(path);
      images.classes.push_back(images.class_names.size());
    }
    images.class_names.push_back(label);
  }
  return images;
}

std::vector<std::size_t> match_classes(const LabelledImages& images, const AnswerNames& labels,
                                       const std::string& source, const std::string& labels_name) {
  std::vector<std::string> folded_labels;
  folded_labels.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) folded_labels.push_back(fold_label(labels[i]));
  std::vector<std::size_t> label_of_class;
  std::vector<std::string> unmatched;
  for (const std::string& name : images.class_names) {
    const std::optional<std::size_t> label = find_label(name, labels, folded_labels);
    if (label) {
      label_of_class.push_back(*label);
    } else {
      unmatched.push_back(name);
    }
  }
  if (unmatched.empty()) return label_of_class;
  std::string list;
  for (std::size_t i = 0; i < std::min(unmatched.size(), kMaxListed); ++i)
    list += (i == 0 ? "\"" : ", \"") + unmatched[i] + "\"";
  if (unmatched.size() > kMaxListed)
    list += " and " + std::to_string(unmatched.size() - kMaxListed) + " more";
  fail(source, std::to_string(unmatched.size()) + " of its " + std::to_string(images.class_names.size()) +
                   " classes are no labels of " + labels_name + ": " + list);
}

}  // namespace clipcls
