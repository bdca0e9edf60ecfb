#pragma once

#include <string>
#include <utility>

namespace clipcls {

/// The name of a label set, and its file or built-in list, of an argument "[NAME=]FILE|NAME" of --labels.
std::pair<std::string, std::string> split_label_set(const std::string& argument);

}  // namespace clipcls
