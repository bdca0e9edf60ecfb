#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zero_shot/label_set.h"

namespace clipcls {

/// The labels of a JSON text, see Note [Labels files]; nothing where `text` is no JSON list or object. Throws
/// Error (kLabels) that names the field.
std::optional<LabelSet> parse_label_set_json(std::string_view text, const std::string& place);

}  // namespace clipcls
