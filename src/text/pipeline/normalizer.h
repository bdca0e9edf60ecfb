#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_fields.h"

namespace clipcls {

/// The normaliser of a tokenizer.json: steps that each turn a text into another one.
class TextNormalizer {
 public:
  TextNormalizer() = default;
  /// Reads the value of the field `normalizer`, which may be null. `charsmap`: the bytes that stand for each
  /// precompiled_charsmap, see take_charsmap(); they must outlive this. Throws Error (kModel) that names a
  /// kind of step that is not read.
  TextNormalizer(const nlohmann::json& value, const std::string& place, std::string_view charsmap);

  std::string normalize(std::string_view text) const;

 private:
  void add(const JsonFields& fields, std::string_view charsmap, int depth);

  std::vector<std::function<std::string(std::string_view)>> steps_;
};

/// Takes the precompiled_charsmap out of the value of the field `normalizer`, and returns its bytes, which
/// are checked; empty where it has none. Throws Error (kModel) where it is damaged, or where there are two.
std::string take_charsmap(nlohmann::json& value);

}  // namespace clipcls
