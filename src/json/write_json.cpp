#include "json/write_json.h"

#include <charconv>
#include <cmath>
#include <cstddef>

#include "files/atomic_file.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

template <typename Json>
std::string dump_simple(const Json& value, bool is_ascii) {
  // Bytes that are no UTF-8 become replacement characters; by default they would be an exception.
  return value.dump(-1, ' ', is_ascii, Json::error_handler_t::replace);
}

std::size_t num_significant_digits(const std::string& number) {
  std::string digits;
  for (const char c : number.substr(0, number.find('e'))) {
    if (c >= '0' && c <= '9' && (c != '0' || !digits.empty())) digits += c;
  }
  return digits.find_last_not_of('0') + 1;
}

/// The library writes one double in a thousand with more digits than it takes: 0.065199 as
/// 0.06519899999999999.
template <typename Json>
std::string dump_number(const Json& value) {
  std::string usual = dump_simple(value, false);
  const auto number = value.template get<double>();
  if (!std::isfinite(number)) return usual;
  const std::string shortest = shortest_digits(number);
  if (num_significant_digits(usual) <= num_significant_digits(shortest)) return usual;
  return shortest + (shortest.find_first_of(".e") == std::string::npos ? ".0" : "");
}

template <typename Json>
void append(std::string& text, const Json& value, int indent, std::size_t depth, bool is_ascii) {
  if (value.is_number_float()) {
    text += dump_number(value);
    return;
  }
  if (!value.is_structured() || value.empty()) {
    text += dump_simple(value, is_ascii);
    return;
  }
  const bool is_pretty = indent >= 0;
  const std::size_t width = is_pretty ? static_cast<std::size_t>(indent) : 0;
  const auto begin_line = [&](std::size_t line_depth) {
    if (is_pretty) text.append("\n").append(width * line_depth, ' ');
  };
  text += value.is_object() ? '{' : '[';
  const char* separator = "";
  for (const auto& [key, item] : value.items()) {
    text += separator;
    begin_line(depth + 1);
    if (value.is_object()) text += dump_simple(Json(key), is_ascii) + (is_pretty ? ": " : ":");
    append(text, item, indent, depth + 1, is_ascii);
    separator = ",";
  }
  begin_line(depth);
  text += value.is_object() ? '}' : ']';
}

template <typename Json>
std::string dump(const Json& value, int indent = -1, bool is_ascii = false) {
  std::string text;
  append(text, value, indent, 0, is_ascii);
  return text;
}

template <typename Json>
std::string show(const Json& value) {
  constexpr std::size_t kMaxLength = 60;
  std::string text = dump(value);
  if (text.size() <= kMaxLength) return text;
  std::size_t size = kMaxLength;
  while ((static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;  // between two characters
  return text.substr(0, size) + "...";
}

}  // namespace

std::string write_json(const nlohmann::ordered_json& value, int indent) { return dump(value, indent); }

std::string write_json(const nlohmann::json& value, int indent) { return dump(value, indent); }

std::string show_json(const nlohmann::json& value) { return show(value); }

std::string show_json(const nlohmann::ordered_json& value) { return show(value); }

// The library prints doubles. 0.1F as a double is 0.10000000149011612; by way of its digits it is 0.1.
double shortest_decimal(float value) {
  const std::string digits = shortest_digits(value);
  double decimal = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), decimal);
  return decimal;
}

// A field a line, and an item of a list a line: files that people read and compare.
void write_json_lines(const nlohmann::ordered_json& object, const std::filesystem::path& path) {
  const auto flat = [](const nlohmann::ordered_json& value) { return dump(value, -1, /*is_ascii=*/true); };
  std::string text;
  const char* separator = "{\n";
  for (const auto& [key, value] : object.items()) {
    text.append(separator).append("  ").append(flat(key)).append(": ");
    separator = ",\n";
    const bool is_object = value.is_object() && !value.empty();
    if (!is_object && (value.empty() || !value.is_array() || !value.front().is_structured())) {
      text += flat(value);
      continue;
    }
    const char* item_separator = is_object ? "{\n" : "[\n";
    for (const auto& [name, item] : value.items()) {
      text.append(item_separator)
          .append("    ")
          .append(is_object ? flat(name) + ": " : "")
          .append(flat(item));
      item_separator = ",\n";
    }
    text += is_object ? "\n  }" : "\n  ]";
  }
  write_file(path, text + "\n}\n", Links::kReplaced);
}

}  // namespace clipcls
