#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// Entries of a list: one a line, UTF-8, in order; a byte-order mark, surrounding blanks, blank lines and
/// lines that start with '#' are skipped. Labels stay as they are written (`aquarium_fish` keeps its
/// underscore). `place` names the list in errors. Throws Error (kLabels) on invalid UTF-8, a NUL byte or no
/// entry at all.
std::vector<std::string> parse_labels(std::string_view text, const std::string& place);

/// Throws Error (kLabels) unless `label`, given on its own, is one line of UTF-8 text that is not blank.
void require_label(std::string_view label, const std::string& place);

/// The text of a list's file. Throws Error (kLabels) when it cannot be read.
std::string read_list(const std::filesystem::path& path);

/// The text of the built-in list of that name, null where there is none.
const std::string_view* find_builtin_labels(std::string_view name);

/// The names of the built-in lists, separated by commas.
std::string builtin_label_names();

/// `text` as labels are compared: NFC, full case folding, '_' and runs of blanks as one blank, none around.
std::string fold_label(std::string_view text);

}  // namespace clipcls
