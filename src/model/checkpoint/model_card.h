#pragma once

#include <filesystem>
#include <string>

namespace clipcls {

/// The licence that the README.md of a published repository names in its front matter, the lines of YAML
/// between two `---`: the field license, or license_name where that is "other". Empty where `folder` has no
/// such file or it names none. At most 100 letters, digits and `.-+_`.
std::string read_card_license(const std::filesystem::path& folder);

}  // namespace clipcls
