#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace clipcls {

/// The JSON in `path`. Throws Error (kModel) that names the file, and the byte where it is no JSON.
/// `if_unreadable` follows "cannot be read".
nlohmann::json parse_json_file(const std::filesystem::path& path, const std::string& if_unreadable);

/// A value for a message, in one line of bounded length.
std::string show_json(const nlohmann::json& value);

/// One JSON object of a file, with the place that errors name: "DIR/config.json: field image.size …". Holds a
/// reference to the object. Everything throws Error (kModel). A field that is null counts as missing where it
/// is optional.
class JsonFields {
 public:
  /// Throws unless `object` is one.
  JsonFields(const nlohmann::json& object, std::string place, std::string prefix = "");

  [[noreturn]] void fail(const std::string& name, const std::string& problem) const;

  bool has(const std::string& name) const { return object_.contains(name) && !object_.at(name).is_null(); }
  const nlohmann::json& at(const std::string& name) const;
  const nlohmann::json& value() const { return object_; }

  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const;
  std::int64_t integer_or(const std::string& name, std::int64_t otherwise, std::int64_t low,
                          std::int64_t high) const;
  double number(const std::string& name) const;
  double number_or(const std::string& name, double otherwise) const;
  bool boolean_or(const std::string& name, bool otherwise) const;
  std::string text(const std::string& name) const;
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
    fail(name, "is \"" + word + "\", not " + allowed);
  }

 private:
  double finite(const nlohmann::json& value, const std::string& name) const;

  const nlohmann::json& object_;
  std::string place_;
  std::string prefix_;
};

}  // namespace clipcls
