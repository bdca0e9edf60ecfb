#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// One JSON object of a file, with the place that errors name: "DIR/config.json: field image.size is 0,
/// expected …". Holds a reference to the object. Everything throws Error of the kind given. A field that is
/// null counts as missing where it is optional.
class JsonFields {
 public:
  /// Throws unless `object` is one. `prefix` stands before the names of its fields.
  JsonFields(const nlohmann::json& object, std::string place, ErrorKind kind, std::string prefix = "");

  [[noreturn]] void fail(const std::string& name, const std::string& problem) const;

  bool has(const std::string& name) const { return object_.contains(name) && !object_.at(name).is_null(); }
  const nlohmann::json& at(const std::string& name) const;
  const nlohmann::json& value() const { return object_; }
  const std::string& place() const { return place_; }

  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const;
  std::int64_t integer_or(const std::string& name, std::int64_t otherwise, std::int64_t low,
                          std::int64_t high) const;
  double number(const std::string& name) const;
  double number(const std::string& name, double low, double high) const;
  double number_or(const std::string& name, double otherwise) const;
  bool boolean_or(const std::string& name, bool otherwise) const;
  std::string text(const std::string& name) const;
  /// A number from 0 on.
  std::size_t count(const std::string& name) const;
  std::string optional_text(const std::string& name) const;
  std::array<float, 3> three_numbers(const std::string& name) const;
  JsonFields object(const std::string& name) const;

  template <typename Value>
  Value choice(const std::string& name, const std::map<std::string, Value>& choices) const {
    const std::string word = text(name);
    const auto found = choices.find(word);
    if (found != choices.end()) return found->second;
    std::string allowed;
    for (const auto& [choice, value] : choices) allowed += (allowed.empty() ? "" : " or ") + choice;
    fail(name, "is \"" + word + "\", expected " + allowed);
  }

 private:
  /// Throws: "field NAME is VALUE, expected …".
  [[noreturn]] void fail_value(const nlohmann::json& value, const std::string& name,
                               const std::string& expected) const;
  double finite(const nlohmann::json& value, const std::string& name) const;

  const nlohmann::json& object_;
  std::string place_;
  ErrorKind kind_;
  std::string prefix_;
};

}  // namespace clipcls
