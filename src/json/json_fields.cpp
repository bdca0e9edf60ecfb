#include "json/json_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "json/write_json.h"

namespace clipcls {

using nlohmann::json;

JsonFields::JsonFields(const json& object, std::string place, ErrorKind kind, std::string prefix)
    : object_(object), place_(std::move(place)), kind_(kind), prefix_(std::move(prefix)) {
  // Here, so that none of the readers below has to ask.
  if (!object.is_object()) throw Error(kind_, place_ + ": is not a JSON object");
}

void JsonFields::fail(const std::string& name, const std::string& problem) const {
  throw Error(kind_, place_ + ": field " + prefix_ + name + " " + problem);
}

void JsonFields::fail_value(const json& value, const std::string& name, const std::string& expected) const {
  fail(name, "is " + show_json(value) + ", expected " + expected);
}

const json& JsonFields::at(const std::string& name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) fail(name, "is missing");
  return *found;
}

std::int64_t JsonFields::integer(const std::string& name, std::int64_t low, std::int64_t high) const {
  const json& value = at(name);
  const std::string range = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value.is_number_integer()) fail_value(value, name, range);
  // A number above the range of int64 would wrap to a negative one.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kMost) fail_value(value, name, range);
  const auto number = value.get<std::int64_t>();
  if (number < low || number > high) fail_value(value, name, range);
  return number;
}

std::int64_t JsonFields::integer_or(const std::string& name, std::int64_t otherwise, std::int64_t low,
                                    std::int64_t high) const {
  return has(name) ? integer(name, low, high) : otherwise;
}

double JsonFields::number(const std::string& name) const { return finite(at(name), name); }

double JsonFields::number(const std::string& name, double low, double high) const {
  const double value = number(name);
  if (value < low || value > high)
    fail_value(at(name), name, fmt::format("a number from {} to {}", low, high));
  return value;
}

double JsonFields::number_or(const std::string& name, double otherwise) const {
  return has(name) ? number(name) : otherwise;
}

bool JsonFields::boolean_or(const std::string& name, bool otherwise) const {
  if (!has(name)) return otherwise;
  const json& value = at(name);
  if (!value.is_boolean()) fail_value(value, name, "true or false");
  return value.get<bool>();
}

double JsonFields::finite(const json& value, const std::string& name) const {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    fail_value(value, name, "a number");
  }
  return value.get<double>();
}

std::size_t JsonFields::count(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_number_unsigned()) fail_value(value, name, "a whole number");
  return value.get<std::size_t>();
}

std::string JsonFields::text(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_string()) fail_value(value, name, "a text");
  return value.get<std::string>();
}

std::string JsonFields::optional_text(const std::string& name) const {
  return has(name) ? text(name) : std::string();
}

std::array<float, 3> JsonFields::three_numbers(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_array() || value.size() != 3) fail_value(value, name, "three numbers");
  std::array<float, 3> numbers{};
  for (std::size_t channel = 0; channel < numbers.size(); ++channel) {
    numbers[channel] = static_cast<float>(finite(value[channel], name));
    // A double that is finite may be beyond a float.
    if (!std::isfinite(numbers[channel]))
      fail(name, "is " + show_json(value) + ", beyond what a float holds");
  }
  return numbers;
}

JsonFields JsonFields::object(const std::string& name) const {
  const json& value = at(name);
  if (!value.is_object()) fail_value(value, name, "an object");
  // Fields of inner objects are named by their whole path: text.vocab_size.
  return {value, place_, kind_, prefix_ + name + "."};
}

}  // namespace clipcls
