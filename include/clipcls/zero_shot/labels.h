#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// Labels of a list: one a line, UTF-8, in order; a byte-order mark, surrounding blanks, blank lines and
/// lines that start with '#' are skipped. Labels stay as they are written (`aquarium_fish` keeps its
/// underscore). `place` names the list in errors. Throws Error (kLabels) on invalid UTF-8, a NUL byte or no
/// label at all.
std::vector<std::string> parse_labels(std::string_view text, const std::string& place);

/// Throws Error (kLabels) unless `label`, given on its own, is one line of UTF-8 text that is not blank.
void require_label(std::string_view label, const std::string& place);

/// The labels of a file. Throws Error (kLabels) when it cannot be read, and as parse_labels.
std::vector<std::string> read_labels(const std::filesystem::path& path);

/// The labels of `file_or_name`: a file if there is one, else the built-in list of that name ("cifar100").
/// Throws Error (kLabels) that lists the built-in names when it is neither.
std::vector<std::string> find_labels(const std::string& file_or_name);

}  // namespace clipcls
