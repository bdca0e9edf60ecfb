#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// Entries of a list: one a line (see text_file.h: LF, CR LF or CR), UTF-8, in order; a byte-order mark, what
/// cannot be seen around an entry, blank lines and lines that start with '#' are skipped. Labels stay as they
/// are written
/// (`aquarium_fish` keeps its underscore). `place` names the list in errors. Throws Error (kLabels) that
/// names the line: invalid UTF-8, a NUL byte; or that says that there is no entry, or more than 10 million.
std::vector<std::string> parse_labels(std::string_view text, const std::string& place);

/// `label`, given on its own, without what cannot be seen around it. Throws Error (kLabels) unless it is one
/// line of UTF-8 text that is not blank.
std::string clean_label(std::string_view label, const std::string& place);

/// Throws what clean_label() throws.
void require_label(std::string_view label, const std::string& place);

/// The text of a list's file, "-" being standard input. Throws Error (kLabels) when it cannot be read.
std::string read_list(const std::string& file);

/// Gives the text of a list's file: read_list(), or what keeps the text of a pipe for those who ask again.
using ReadText = std::function<std::string(const std::string& file)>;

/// Whether `file_or_name` is to be read as a file: one is there (or it is "-", standard input), and it is no
/// folder that merely has the name of something built in.
bool names_list_file(const std::string& file_or_name, bool is_builtin_name);

/// The text of the built-in list of that name, null where there is none.
const std::string_view* find_builtin_labels(std::string_view name);

/// The names of the built-in lists.
std::vector<std::string> builtin_label_list();

/// The names of the built-in lists, separated by commas.
std::string builtin_label_names();

/// `text` as labels are compared: NFC, full case folding, '_' and runs of blanks as one blank, nothing
/// invisible around.
std::string fold_label(std::string_view text);

}  // namespace clipcls
