#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace clipcls {

/// An object is searched from its begin for each key.
inline constexpr std::size_t kMaxLabelKeys = 50'000;

/// The JSON list or object that `text` is; nothing where it is a list of labels, of which one may start with
/// a bracket: "[REC] film". A place that ends in .json holds JSON, and so does what begins as only JSON does,
/// `["` or
/// `{"`, behind comments or not. Throws Error (kLabels) that names `place` and the line: no JSON, comments, a
/// comma too many, a key that an object has twice, deep nesting, more than memory holds.
/// An object has at most `max_keys`.
std::optional<nlohmann::ordered_json> parse_label_json(std::string_view text, const std::string& place,
                                                       std::size_t max_keys = kMaxLabelKeys);

}  // namespace clipcls
