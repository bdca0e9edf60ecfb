// Note [Telling by the head]. A run replaces only files that an earlier run may have written, and the name
// alone says too little. So the first bytes are held against what each writer begins with. A file that was
// cut off within those still fits: an interrupted run leaves such ones. When a writer's first words change,
// the words here change with them, and the old ones stay.
#include "files/output_kind.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <string>
#include <system_error>

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Reads the first words of a text one after the other. Where the text ends within one, all of it fits.
class Head {
 public:
  explicit Head(std::string_view text) : rest_(text) {}

  bool take(std::string_view word) {
    const std::size_t size = std::min(word.size(), rest_.size());
    if (rest_.substr(0, size) != word.substr(0, size)) return false;
    rest_.remove_prefix(size);
    return true;
  }
  /// take() of a token of JSON, blanks before it.
  bool take_token(std::string_view token) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return take(token);
  }
  /// The members `"key": "any text",`, blanks between the tokens.
  bool take_text_member(std::string_view key) {
    return take_token(key) && take_token(":") && take_token("\"") && skip_text() && take_token(",");
  }
  bool skip_text() {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\')
        ++i;
      else if (static_cast<unsigned char>(rest_[i]) < ' ')
        return false;
      else if (rest_[i] == '"')
        return rest_.remove_prefix(i + 1), true;
    }
    return rest_ = {}, true;
  }
  /// The rest of the line without its end.
  std::string_view take_line() {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    return line;
  }
  bool is_at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

bool has_any(const Head& head, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return Head(head).take_token(word); });
}

/// An array of rows, or one row a line: {"image": PATH, "predictions" or "error": …}
bool is_json_of_rows(std::string_view text) {
  Head head(text);
  Head array(text);
  if (array.take_token("[")) {
    if (Head(array).take_token("]")) return true;
    head = array;
  }
  return head.take_token("{") && head.take_text_member("\"image\"") &&
         has_any(head, {"\"predictions\"", "\"error\"", "\"image_bytes\""});
}

/// A header line that is ours to its end: somebody may have added a column, and filled it.
bool is_table_of_rows(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (kByteOrderMark.starts_with(text)) return true;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return std::ranges::any_of(std::initializer_list<char>{',', '\t'}, [&](char separator) {
    const auto columns = [separator](std::initializer_list<std::string> names) {
      std::string joined;
      for (const std::string& name : names) joined.append(1, separator).append(name);
      return joined;
    };
    const std::string end = columns({"error_kind", "error_message"});
    Head head(text);
    if (!head.take("image")) return false;
    if (!Head(head).take(columns({"label_1"}))) {
      head.take(columns({"rank", "label", "score", "similarity"}));
    } else {
      for (int rank = 1; !head.is_at_end() && !Head(head).take(end); ++rank) {
        const std::string number = std::to_string(rank);
        if (!head.take(columns({"label_" + number, "score_" + number, "similarity_" + number}))) return false;
      }
    }
    if (!head.take(end)) return false;
    return head.is_at_end() || head.take("\r\n") || head.take("\n");
  });
}

/// "LABEL: 57.62%", a cosine, or that there is none. A line that was cut off fits.
bool is_text_row(Head head) {
  const std::string_view whole = head.rest();
  const std::string_view line = head.take_line();
  if (line.size() == whole.size() || line.starts_with("(no score of ")) return true;
  const std::size_t number = line.rfind(": ");
  if (number == std::string_view::npos) return false;
  return line.find_first_not_of("0123456789.-%", number + 2) == std::string_view::npos &&
         number + 2 < line.size();
}

bool is_text_of_rows(std::string_view text) {
  constexpr std::string_view kBlock = "Top predictions:\n\n";
  Head head(text);
  if (!Head(head).take(kBlock) && (!head.take_line().ends_with(':') || head.is_at_end())) return false;
  return head.take(kBlock) && is_text_row(head);
}

bool is_page_of_rows(std::string_view text) {
  // The name of the program is looked for as well: any HTML page may begin with these lines.
  return Head(text).take("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n") &&
         (text.size() < 1024 || text.substr(0, 1024).find("\n<meta name=\"generator\" content=\"clipcls ") !=
                                    std::string_view::npos);
}

bool is_text_of_figures(std::string_view text) {
  const std::string_view line = Head(text).take_line();
  const std::size_t labels = line.rfind(" images of ");
  const std::size_t colon = line.rfind(": ", labels);
  if (labels == std::string_view::npos || colon == std::string_view::npos || colon + 2 >= labels)
    return false;
  return std::ranges::all_of(line.substr(colon + 2, labels - colon - 2),
                             [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_json_of_figures(std::string_view text) {
  Head head(text);
  return head.take_token("{") && head.take_text_member("\"source\"") && head.take_token("\"num_images\"");
}

bool is_page_of_figures(std::string_view text) {
  return Head(text).take(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>clipcls eval: ");
}

/// {"format": FORMAT, …
bool is_json_of_format(std::string_view text, std::string_view format) {
  Head head(text);
  return head.take_token("{") && head.take_token("\"format\"") && head.take_token(":") &&
         head.take_token(format);
}

struct FolderKind {
  std::string_view mark;  ///< the file that every such folder has
  std::span<const std::string_view> others;
};

constexpr std::string_view kFeatureFiles[] = {"image_features.npy", "paths.nul", "errors.jsonl"};
constexpr std::string_view kModelFiles[] = {
    "image_encoder.pt",         "text_encoder.pt", "image_encoder.safetensors",
    "text_encoder.safetensors", "merges.txt",      "reference.json"};

}  // namespace

std::string_view output_kind_name(OutputKind kind) {
  switch (kind) {
    case OutputKind::kResults:
      return "results";
    case OutputKind::kEvaluation:
      return "figures of an evaluation";
    case OutputKind::kCalibration:
      return "a calibration";
    case OutputKind::kLabels:
      return "labels made of examples";
    case OutputKind::kRunSettings:
      return "the settings of a run";
    case OutputKind::kPictureStates:
      return "the states of pictures";
    case OutputKind::kFeatureFolder:
      return "a folder of image features";
    case OutputKind::kModelFolder:
      return "a model folder";
  }
  return {};
}

bool begins_as(OutputKind kind, std::string_view head) {
  // An empty file holds nothing that could be lost. One of blanks alone is somebody's.
  if (head.empty()) return true;
  if (head.find_first_not_of(" \t\r\n") == std::string_view::npos) return false;
  switch (kind) {
    case OutputKind::kResults:
      return is_json_of_rows(head) || is_table_of_rows(head) || is_text_of_rows(head) ||
             is_page_of_rows(head);
    case OutputKind::kEvaluation:
      return is_text_of_figures(head) || is_json_of_figures(head) || is_page_of_figures(head);
    case OutputKind::kCalibration:
      return is_json_of_format(head, "\"clipcls-calibration\"");
    case OutputKind::kLabels:
      return is_json_of_format(head, "\"clipcls-labels\"");
    case OutputKind::kRunSettings:  // without a format: of an earlier version
      return is_json_of_format(head, "\"clipcls-resume\"") || Head(head).take("{\n  \"label list\": \"");
    case OutputKind::kPictureStates:
      return Head(head).take(kPictureStatesHead);
    case OutputKind::kFeatureFolder:
    case OutputKind::kModelFolder:
      return false;
  }
  return false;
}

bool is_folder_of(OutputKind kind, const fs::path& folder) {
  const FolderKind wanted = kind == OutputKind::kFeatureFolder ? FolderKind{"embedding.json", kFeatureFiles}
                            : kind == OutputKind::kModelFolder ? FolderKind{"config.json", kModelFiles}
                                                               : FolderKind{};
  bool has_mark = false;
  bool is_empty = true;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    is_empty = false;
    const std::string name = entry->path().filename().string();
    // A subfolder or a link is nothing that was written by this program, so the folder is not its own alone.
    if (!fs::is_regular_file(entry->symlink_status())) return false;
    if (name == wanted.mark)
      has_mark = true;
    else if (std::ranges::find(wanted.others, name) == wanted.others.end())
      return false;
  }
  // What cannot be listed to its end may hold anything.
  return !error && (has_mark || is_empty);
}

}  // namespace clipcls
