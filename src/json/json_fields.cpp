#include "json/json_fields.h"

#include <cmath>
#include <fstream>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/text_file.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 64;

}  // namespace

std::string show_json(const json& value) {
  constexpr std::size_t kMaxLength = 200;
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
  return text.size() <= kMaxLength ? text : text.substr(0, kMaxLength) + "...";
}

json parse_json_file(const std::filesystem::path& path, const std::string& if_unreadable) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    throw Error(ErrorKind::kModel, path.string() + ": cannot be read; " + if_unreadable);
  }
  std::string head(4, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (const std::string problem = wide_text_problem(head); !problem.empty())
    throw Error(ErrorKind::kModel, path.string() + ": " + problem);
  file.clear();
  file.seekg(0);
  try {
    // What is nested deeper is no configuration, and could not be printed without as deep a recursion.
    return json::parse(file, [&](int depth, json::parse_event_t, const json&) {
      if (depth > kMaxDepth) throw Error(ErrorKind::kModel, path.string() + ": is nested too deeply");
      return true;
    });
  } catch (const json::parse_error& error) {
    throw Error(ErrorKind::kModel,
                path.string() + ": is not valid JSON at byte " + std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    throw Error(ErrorKind::kModel, path.string() + ": has a number that is too large");
  }
}

JsonFields::JsonFields(const json& object, std::string place, std::string prefix)
    : object_(object), place_(std::move(place)), prefix_(std::move(prefix)) {
  if (!object.is_object()) throw Error(ErrorKind::kModel, place_ + ": is not a JSON object");
}

void JsonFields::fail(const std::string& name, const std::string& problem) const {
  throw Error(ErrorKind::kModel, place_ + ": field " + prefix_ + name + " " + problem);
}

const json& JsonFields::at(const std::string& name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) fail(name, "is missing");
  return *found;
}

std::int64_t JsonFields::integer(const std::string& name, std::int64_t low, std::int64_t high) const {
  const json& value = at(name);
  const std::string range = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value.is_number_integer()) fail(name, "is " + show_json(value) + ", not " + range);
  // A number above the range of int64 would wrap to a negative one, which the range check then refuses.
  const auto number = value.get<std::int64_t>();
  if (number < low || number > high) fail(name, "is " + show_json(value) + ", not " + range);
  return number;
}

std::int64_t JsonFields::integer_or(const std::string& name, std::int64_t otherwise, std::int64_t low,
                                    std::int64_t high) const {
  return has(name) ? integer(name, low, high) : otherwise;
}

double JsonFields::number(const std::string& name) const { return finite(at(name), name); }

double JsonFields::number_or(const std::string& name, double otherwise) const {
  return has(name) ? number(name) : otherwise;
}

bool JsonFields::boolean_or(const std::string& name, bool otherwise) const {
  if (!has(name)) return otherwise;
  const json& value = at(name);
  if (!value.is_boolean()) fail(name, "is " + show_json(value) + ", not true or false");
  return value.get<bool>();
}

double JsonFields::finite(const json& value, const std::string& name) const {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    fail(name, "is " + show_json(value) + ", not a number");
  }
  return value.get<double>();
}

std::string JsonFields::text(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_string()) fail(name, "is " + show_json(value) + ", not a text");
  return value.get<std::string>();
}

std::string JsonFields::optional_text(const std::string& name) const {
  return has(name) ? text(name) : std::string();
}

std::array<float, 3> JsonFields::three_numbers(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_array() || value.size() != 3) fail(name, "is " + show_json(value) + ", not three numbers");
  std::array<float, 3> numbers{};
  for (std::size_t channel = 0; channel < numbers.size(); ++channel) {
    numbers[channel] = static_cast<float>(finite(value[channel], name));
    if (!std::isfinite(numbers[channel]))
      fail(name, "is " + show_json(value) + ", beyond what a float holds");
  }
  return numbers;
}

JsonFields JsonFields::object(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_object()) fail(name, "is " + show_json(value) + ", not an object");
  return {value, place_, prefix_ + name + "."};
}

}  // namespace clipcls
