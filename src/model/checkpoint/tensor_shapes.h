#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace clipcls {

using TensorShape = std::vector<std::int64_t>;
using TensorShapes = std::map<std::string, TensorShape>;  ///< by the tensor's name in the state dict

/// "[768, 512]"
std::string to_text(const TensorShape& shape);

/// Throws Error (kModel) that names a tensor of another shape than in `expected`, one that `actual` lacks
/// ("has no tensor NAME, MISSING_WORDS"), or one that only `actual` has ("has a tensor NAME, UNKNOWN_WORDS").
/// The counters of batch norms may be missing: older torch had none, and nothing reads them.
void check_shapes(const TensorShapes& actual, const TensorShapes& expected, const std::string& missing_words,
                  const std::string& unknown_words);

}  // namespace clipcls
